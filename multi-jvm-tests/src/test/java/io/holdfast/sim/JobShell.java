package io.holdfast.sim;

import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRules;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A job's actor over the real {@link RunRules}. */
final class JobShell extends Persistent<JobState, JobEvent> {
  private static final long REPEAT = 2 * World.SECOND;

  final int index;
  private final MasterNode node;
  private final World world;
  private final Set<ExecutionId> assignConfirmed = new HashSet<>();
  private final Set<ExecutionId> stopConfirmed = new HashSet<>();
  private final Set<ExecutionId> begunHere = new HashSet<>();
  private boolean repeating;

  JobShell(MasterNode node, int index) {
    super(node, node.side.storage, node.store.jobs.get(index));
    this.node = node;
    this.index = index;
    this.world = node.world;
  }

  @Override
  void recovered() {
    // A journal has one writer: what the data directory's lock and owner record hold.
    if (!journal.claim(node.number)) {
      fenced();
      return;
    }
    if (!repeating) {
      repeating = true;
      owner.after(REPEAT, this::repeat);
    }
    if (state().definition().isEmpty()) {
      decide(new JobCommand.Define(world.operator.definition(index)), () -> {});
    } else {
      RunRules.outstanding(state()).forEach(this::direct);
    }
    askLinks();
  }

  private void askLinks() {
    RunRules.toAsk(state(), node.fleet()).forEach(agent -> node.link(agent).ask(jobName()));
  }

  private JobName jobName() {
    return new JobName("j" + index);
  }

  @Override
  void fenced() {
    super.fenced();
    node.halt();
  }

  /** Somebody asks; answered once it is durable. */
  void ask(JobCommand command, Runnable then) {
    tell(() -> decide(command, then));
  }

  /** The link knows how an execution ended. */
  void fromLink(JobCommand fact, ExecutionId about, Runnable took) {
    tell(
        () -> {
          if (world.broken(Mutation.OUTCOME_CONFIRMED_BEFORE_THE_JOURNAL)) {
            took.run();
          }
          boolean isNews = fact instanceof JobCommand.Adopt;
          if (isNews || !RunRules.isTooEarly(state(), about)) {
            decide(fact, RunRules.isTaken(fact) ? took : () -> {});
          }
        });
  }

  private void decide(JobCommand command, Runnable then) {
    Decision<JobEvent, JobDirective> decision =
        RunRules.decide(state(), command, node.fleet(), owner.host.wall());
    List<JobEvent> written = decision.events();
    if (world.broken(Mutation.EXECUTION_NOT_JOURNALLED)) {
      written = new ArrayList<>(written);
      written.removeIf(JobEvent.ExecutionBegun.class::isInstance);
    }
    persist(
        decision.events(),
        written,
        after -> {
          for (JobEvent event : decision.events()) {
            if (event instanceof JobEvent.ExecutionBegun begun) {
              begunHere.add(begun.execution());
            }
            if (event instanceof JobEvent.ExecutionEnded ended) {
              assignConfirmed.remove(ended.execution());
              stopConfirmed.remove(ended.execution());
            }
          }
          decision.directives().forEach(this::direct);
          then.run();
        });
  }

  private void repeat() {
    owner.after(REPEAT, this::repeat);
    tell(
        () -> {
          askLinks();
          if (state().cut().isPresent()) {
            decide(new JobCommand.Proceed(), () -> {});
            return;
          }
          for (JobDirective directive : RunRules.outstanding(state())) {
            boolean confirmed =
                (directive instanceof JobDirective.Stop ? stopConfirmed : assignConfirmed)
                    .contains(directive.execution());
            if (!confirmed) {
              direct(directive);
            }
          }
          if (RunRules.waitsForAgent(state())) {
            decide(new JobCommand.Proceed(), () -> {});
          }
        });
  }

  private void direct(JobDirective directive) {
    LinkShell link = node.link(directive.agent());
    ExecutionId id = directive.execution();
    if (directive instanceof JobDirective.Assign assign) {
      link.assign(
          assign.spec(),
          assign.releaseByTime(),
          !begunHere.contains(id),
          () -> tell(() -> assignConfirmed.add(id)));
    } else {
      link.stop(id, () -> tell(() -> stopConfirmed.add(id)));
    }
  }
}
