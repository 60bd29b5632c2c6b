package io.holdfast.master.http;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import io.holdfast.master.catalog.Catalog;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.link.AgentLink;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobEntity;
import io.holdfast.master.run.JobState;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.JobName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** The way from the HTTP API to the sharded entities. */
public final class Entities {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);
  private static final Duration LOOK_EACH = Duration.ofMillis(250);

  private final ActorSystem<?> system;
  private final ClusterSharding sharding;
  private final Admission admission;

  public Entities(ActorSystem<?> system, Admission admission) {
    this.system = system;
    this.admission = admission;
    this.sharding = ClusterSharding.get(system);
  }

  Admission admission() {
    return admission;
  }

  /** Before new work is promised: refuses it while it could not be kept. */
  void admit() {
    Optional<Problem> refusal = admission.refusal();
    if (refusal.isPresent()) {
      throw refusal.get();
    }
  }

  /** Has a job decide; answers its state once that is durable. */
  CompletionStage<JobState> job(JobName job, JobCommand command) {
    EntityRef<JobEntity.Message> entity = sharding.entityRefFor(JobEntity.TYPE, job.value());
    return answered(
        AskPattern.ask(
            entity,
            replyTo -> new JobEntity.Ask(command, replyTo),
            ANSWER_WITHIN,
            system.scheduler()));
  }

  /** Has a link note what an operator vouches for; answers once that is durable. */
  CompletionStage<AgentLink.ConfirmAnswer> confirmLost(AgentId agent, String who, String why) {
    EntityRef<AgentLink.Message> entity = sharding.entityRefFor(AgentLink.TYPE, agent.value());
    return answered(
        AskPattern.ask(
            entity,
            replyTo -> new AgentLink.ConfirmLost(who, why, replyTo),
            ANSWER_WITHIN,
            system.scheduler()));
  }

  /** Applies a job file. */
  CompletionStage<Catalog.Answer> apply(List<JobDefinition> jobs, Optional<String> by) {
    EntityRef<Catalog.Message> entity = sharding.entityRefFor(Catalog.TYPE, Catalog.ONLY);
    return answered(
        AskPattern.ask(
            entity,
            replyTo -> new Catalog.Apply(jobs, by, replyTo),
            ANSWER_WITHIN,
            system.scheduler()));
  }

  private void lookLater(CompletableFuture<?> answer) {
    system
        .scheduler()
        .scheduleOnce(LOOK_EACH, () -> giveUpInTrouble(answer), system.executionContext());
  }

  /** Nobody waits for the rest of the time once it is known that nothing can be written. */
  private void giveUpInTrouble(CompletableFuture<?> answer) {
    if (answer.isDone()) {
      return;
    }
    Optional<String> trouble = admission.trouble();
    if (trouble.isPresent()) {
      answer.completeExceptionally(
          new Problem(
              503,
              "No answer",
              trouble.get() + ". It may or may not have happened. Look, and try again later."));
    } else {
      lookLater(answer);
    }
  }

  private <T> CompletionStage<T> answered(CompletionStage<T> asked) {
    CompletableFuture<T> answer = asked.toCompletableFuture().copy();
    lookLater(answer);
    return answer.exceptionally(
        failure -> {
          Throwable cause =
              failure instanceof CompletionException && failure.getCause() != null
                  ? failure.getCause()
                  : failure;
          if (cause instanceof TimeoutException) {
            throw new Problem(
                503,
                "No answer in time",
                "The journal did not confirm it within "
                    + ANSWER_WITHIN.toSeconds()
                    + " s: it may or may not have happened. Look, and try again."
                    + admission.refusal().map(why -> " " + why.getMessage()).orElse(""));
          }
          throw new CompletionException(cause);
        });
  }
}
