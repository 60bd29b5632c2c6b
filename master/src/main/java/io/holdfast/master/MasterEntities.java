package io.holdfast.master;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import io.holdfast.master.catalog.Catalog;
import io.holdfast.master.config.MasterConfig;
import io.holdfast.master.link.AgentAddress;
import io.holdfast.master.link.AgentLink;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.Reconciler;
import io.holdfast.master.log.LogStore;
import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEntity;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.view.ReadModel;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.reconcile.UsedNumbers;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The sharded entities of a master, and how they reach each other and the read model. */
final class MasterEntities {
  private final ClusterSharding sharding;
  private final MasterConfig config;
  private final ReadModel model;

  MasterEntities(
      ActorSystem<?> system,
      MasterConfig config,
      JournalId masterJournal,
      ReadModel model,
      LogStore logs,
      Supplier<CompletionStage<List<String>>> journalled,
      BooleanSupplier mayAct,
      Consumer<String> onRival) {
    this.sharding = ClusterSharding.get(system);
    this.config = config;
    this.model = model;
    JobEntity.Surroundings ofJobs = jobSurroundings();
    sharding.init(
        Entity.of(
            JobEntity.TYPE,
            context -> JobEntity.create(new JobName(context.getEntityId()), ofJobs)));
    var ofLinks =
        new AgentLink.Setting(
            config.id(),
            masterJournal,
            config.timing(),
            logs,
            linkSurroundings(),
            (call, from, replyTo) ->
                job(call.execution()).tell(new JobEntity.TaskCalled(call, from, replyTo)),
            model,
            mayAct,
            onRival);
    sharding.init(
        Entity.of(
            AgentLink.TYPE, context -> AgentLink.create(address(context.getEntityId()), ofLinks)));
    sharding.init(
        Entity.of(
            Catalog.TYPE,
            context ->
                Catalog.create(
                    (job, message) ->
                        sharding.entityRefFor(JobEntity.TYPE, job.value()).tell(message),
                    model::expect,
                    journalled)));
  }

  private AgentAddress address(String id) {
    return model
        .address(new AgentId(id))
        .orElseThrow(() -> new IllegalStateException("agent " + id + " is not configured"));
  }

  /** Links couple, and jobs go on where they were. */
  void wake() {
    for (AgentAddress agent : config.agents()) {
      sharding.entityRefFor(AgentLink.TYPE, agent.id().value()).tell(new AgentLink.Wake());
    }
    sharding.entityRefFor(Catalog.TYPE, Catalog.ONLY).tell(new Catalog.Wake());
  }

  private JobEntity.Surroundings jobSurroundings() {
    return new JobEntity.Surroundings() {
      @Override
      public Fleet fleet() {
        return model.fleet();
      }

      @Override
      public void tell(JobDirective directive, ActorRef<AgentLink.Accepted> replyTo) {
        if (model.address(directive.agent()).isEmpty()) {
          // Taken out of the configuration: it waits until it is back.
          return;
        }
        sharding
            .entityRefFor(AgentLink.TYPE, directive.agent().value())
            .tell(message(directive, replyTo));
      }

      @Override
      public void ask(AgentId agent, JobName job) {
        if (model.address(agent).isPresent()) {
          sharding.entityRefFor(AgentLink.TYPE, agent.value()).tell(new AgentLink.Ask(job));
        }
      }

      @Override
      public void show(JobName job, JobState state, List<RunId> changed) {
        model.show(job, state, changed);
      }

      @Override
      public void told(JobEvent event) {
        model.told(event);
      }
    };
  }

  private EntityRef<JobEntity.Message> job(ExecutionId about) {
    return sharding.entityRefFor(JobEntity.TYPE, about.job().value());
  }

  private static AgentLink.Message message(
      JobDirective directive, ActorRef<AgentLink.Accepted> replyTo) {
    if (directive instanceof JobDirective.Assign assign) {
      return new AgentLink.Assign(assign.spec(), assign.releaseByTime(), assign.again(), replyTo);
    }
    return new AgentLink.Stop(directive.execution(), replyTo);
  }

  private Reconciler.Surroundings linkSurroundings() {
    return new Reconciler.Surroundings() {
      @Override
      public void tellJob(JobCommand fact, ExecutionId about, ActorRef<JobEntity.Taken> replyTo) {
        job(about).tell(new JobEntity.FromLink(fact, replyTo));
      }

      @Override
      public void answer(JobName job, JobCommand.LinkAnswered answer) {
        sharding.entityRefFor(JobEntity.TYPE, job.value()).tell(new JobEntity.Note(answer));
      }

      @Override
      public void raiseNumbering(JobName job, UsedNumbers.Mark used) {
        sharding
            .entityRefFor(JobEntity.TYPE, job.value())
            .tell(new JobEntity.Note(new JobCommand.RaiseNumbering(used.run(), used.token())));
      }

      @Override
      public void show(
          AgentId agent, LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone) {
        model.show(agent, state, changed, gone);
      }

      @Override
      public void show(AgentId agent, LinkEvent.Reconciled report) {
        model.show(agent, report);
      }
    };
  }
}
