package io.holdfast.agent.task;

import akka.Done;
import io.holdfast.agent.process.BootClock;
import io.holdfast.agent.process.Launch;
import io.holdfast.agent.process.ProcessIdentity;
import io.holdfast.agent.process.TaskDirectory;
import io.holdfast.agent.process.TaskEnd;
import io.holdfast.agent.process.TaskProcesses;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Exchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** The tasks of one master as processes and directories: what {@link TaskEdge} promises. */
public final class ProcessEdge implements TaskEdge {
  /** What all masters' tasks share. */
  public record Machine(
      AgentId agent,
      JournalId journal,
      Path data,
      Path workDirectory,
      BootClock clock,
      TaskProcesses processes,
      Executor blocking,
      BiFunction<String, Long, CompletionStage<Done>> deleteEvents,
      BiFunction<MasterId, ExecutionId, Map<String, String>> taskApi) {}

  private static final String LEFT_BEHIND = "left behind";
  private static final String JOURNAL_DAMAGED = "journal damaged";

  private final MasterId master;
  private final Machine machine;
  private final TaskEnds ends;
  private final DirectoryUses uses = new DirectoryUses();
  private final long outputQuota;

  /**
   * @param outputQuota how many bytes of each stream of a new task are kept
   */
  public ProcessEdge(MasterId master, Machine machine, long outputQuota) {
    this.outputQuota = outputQuota;
    this.master = master;
    this.machine = machine;
    this.ends = new TaskEnds(machine);
  }

  private TaskDirectory directory(ExecutionId execution) {
    return new TaskDirectory(
        machine.data(), master.value(), execution.toString(), machine.journal().value());
  }

  @Override
  public CompletionStage<TaskCommand> launch(TaskSpec spec) {
    TaskDirectory task = directory(spec.execution());
    return CompletableFuture.runAsync(() -> task.create(contents(spec)), machine.blocking())
        .thenCompose(created -> machine.processes().launch(task))
        .handle(
            (launch, failure) ->
                launch instanceof Launch.Launched started
                    ? CompletableFuture.<TaskCommand>completedFuture(
                        new TaskCommand.ProcessStarted(info(started.wrapper())))
                    : notLaunched(task, spec, failure))
        .thenCompose(stage -> stage);
  }

  /** Whatever went wrong, what is true now is asked of the claim; only that is reported. */
  private CompletionStage<TaskCommand> notLaunched(
      TaskDirectory task, TaskSpec spec, Throwable failure) {
    if (failure == null && Files.notExists(task.path())) {
      // Its start was prevented, and it was released, while the wrapper was slow: to look for it
      // would make its directory anew, and nobody would delete that again.
      return CompletableFuture.completedFuture(
          ends.ended(
              task, new Outcome.NeverStarted("it was deleted before it began"), Optional.empty()));
    }
    return adopt(spec, machine.clock().bootId())
        .thenApply(
            adoption -> {
              if (adoption instanceof Adoption.Running running) {
                return new TaskCommand.ProcessStarted(running.process());
              }
              TaskCommand.ProcessEnded end = ((Adoption.Ended) adoption).end();
              boolean nothingRan = end.outcome() instanceof Outcome.NeverStarted;
              return failure != null && nothingRan
                  ? ends.ended(task, new Outcome.FailedToStart(words(failure)), Optional.empty())
                  : end;
            });
  }

  private static String words(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  private TaskDirectory.Contents contents(TaskSpec spec) {
    Map<String, String> environment = new TreeMap<>();
    spec.parameters().forEach((name, value) -> environment.put("PARAM_" + name, value));
    ExecutionId id = spec.execution();
    environment.put("HOLDFAST_JOB", id.job().value());
    environment.put("HOLDFAST_RUN", id.run().toString());
    environment.put("HOLDFAST_EXECUTION", id.toString());
    environment.put("HOLDFAST_ATTEMPT", Integer.toString(id.attempt()));
    environment.put("HOLDFAST_FENCING_TOKEN", spec.fencingToken().toString());
    environment.put("HOLDFAST_MASTER", master.value());
    environment.put("HOLDFAST_AGENT", machine.agent().value());
    environment.putAll(machine.taskApi().apply(master, id));
    return new TaskDirectory.Contents(
        spec.script(),
        environment,
        machine.workDirectory(),
        spec.onConnectionLoss() == ConnectionLossPolicy.KEEP,
        outputQuota);
  }

  @Override
  public CompletionStage<Adoption> adopt(TaskSpec spec, String acceptedInBoot) {
    TaskDirectory task = directory(spec.execution());
    return uses.during(
        spec.execution(),
        () ->
            machine
                .processes()
                .adopt(task, acceptedInBoot)
                .thenCompose(
                    adoption ->
                        adoption instanceof io.holdfast.agent.process.Adoption.Ended end
                            ? clear(task, spec, end.end())
                                .thenApply(cleared -> translate(task, adoption))
                            : CompletableFuture.completedFuture(translate(task, adoption))));
  }

  /** P1: what it left behind must not be alone when the next one begins. */
  private CompletionStage<Void> clear(TaskDirectory task, TaskSpec spec, TaskEnd end) {
    if (Files.notExists(task.path())) {
      // Whoever stopped it has seen its end before, and it is released.
      return CompletableFuture.completedFuture(null);
    }
    CompletionStage<Boolean> left =
        TaskEnds.leftInGroup(end) || task.killReason().isPresent()
            ? CompletableFuture.completedFuture(true)
            : TaskEnds.hasRun(end)
                ? machine.processes().leftSomething(task)
                : CompletableFuture.completedFuture(false);
    return left.thenCompose(
        something ->
            something
                ? machine
                    .processes()
                    .stop(task, spec.killGrace(), LEFT_BEHIND)
                    .thenApply(stopped -> (Void) null)
                : CompletableFuture.completedFuture(null));
  }

  private Adoption translate(TaskDirectory task, io.holdfast.agent.process.Adoption adoption) {
    if (adoption instanceof io.holdfast.agent.process.Adoption.Running running) {
      return new Adoption.Running(info(running.process()));
    }
    if (adoption instanceof io.holdfast.agent.process.Adoption.Ended end) {
      return new Adoption.Ended(ends.ended(task, end.end()));
    }
    Outcome outcome;
    if (adoption instanceof io.holdfast.agent.process.Adoption.NeverClaimed never) {
      outcome = new Outcome.NeverStarted("its start was prevented by " + never.claimedBy());
    } else if (adoption instanceof io.holdfast.agent.process.Adoption.Gone gone) {
      outcome = new Outcome.Vanished(gone.why());
    } else {
      outcome = new Outcome.Vanished("host restarted");
    }
    return new Adoption.Ended(ends.ended(task, outcome, Optional.empty()));
  }

  @Override
  public CompletionStage<TaskCommand.ProcessEnded> awaitEnd(TaskSpec spec, ProcessInfo process) {
    TaskDirectory task = directory(spec.execution());
    return machine
        .processes()
        .awaitEnd(task, identity(process))
        .thenCompose(
            end ->
                uses.during(
                    spec.execution(),
                    () -> clear(task, spec, end).thenApply(cleared -> ends.ended(task, end))));
  }

  @Override
  public CompletionStage<Void> forbid(TaskSpec spec, StopReason reason) {
    Duration grace = reason.grace(spec.killGrace());
    return uses.during(
        spec.execution(),
        () -> machine.processes().forbid(directory(spec.execution()), grace, reason.word()));
  }

  @Override
  public CompletionStage<TaskCommand.ProcessEnded> stop(
      TaskSpec spec, StopReason reason, String acceptedInBoot) {
    if (acceptedInBoot.equals(machine.clock().bootId())) {
      return stop(spec, reason);
    }
    return adopt(spec, acceptedInBoot)
        .thenCompose(
            adoption ->
                adoption instanceof Adoption.Ended ended
                    ? CompletableFuture.completedFuture(ended.end())
                    : stop(spec, reason));
  }

  private CompletionStage<TaskCommand.ProcessEnded> stop(TaskSpec spec, StopReason reason) {
    TaskDirectory task = directory(spec.execution());
    // The signal of an earlier attempt at this stop is ours, not somebody else's.
    boolean ordered = task.killReason().isPresent();
    Optional<TaskEnd> before =
        task.end().filter(end -> !(ordered && end instanceof TaskEnd.Signalled));
    Duration grace = reason.grace(spec.killGrace());
    return uses.during(
        spec.execution(),
        () ->
            machine
                .processes()
                .stop(task, grace, reason.word())
                .thenApply(
                    stopped ->
                        before.isPresent()
                            ? ends.ended(task, before.get())
                            : ends.ended(
                                task,
                                new Outcome.Stopped(reason),
                                task.end().flatMap(ends::instant))));
  }

  @Override
  public CompletionStage<Void> forbidAll(ExecutionId execution, Duration grace) {
    return uses.during(
        execution, () -> machine.processes().forbid(directory(execution), grace, JOURNAL_DAMAGED));
  }

  @Override
  public CompletionStage<TaskCommand.ProcessEnded> endAll(ExecutionId execution, Duration grace) {
    TaskDirectory task = directory(execution);
    return uses.during(
        execution,
        () ->
            machine
                .processes()
                .stopAll(task, grace, JOURNAL_DAMAGED)
                .thenApply(
                    stopped -> ends.ended(task, TaskRules.JOURNAL_DAMAGED, Optional.empty())));
  }

  @Override
  public boolean isAlive(ProcessInfo process) {
    return identity(process).isAlive();
  }

  @Override
  public Duration remaining(ProcessInfo process, Duration timeout) {
    Duration started = Duration.ofMillis(process.startTicks() * 10);
    Duration remaining = started.plus(timeout).minus(machine.clock().now());
    return remaining.isNegative() ? Duration.ZERO : remaining;
  }

  @Override
  public Exchange.OutputSize outputSize(ExecutionId execution) {
    TaskDirectory task = directory(execution);
    return new Exchange.OutputSize(
        execution, TaskEnds.size(task.stdout()), TaskEnds.size(task.stderr()));
  }

  @Override
  public CompletionStage<Done> delete(ExecutionId execution, long version) {
    // The directory first: events without it are found again, a directory without events is not.
    return uses.thenDelete(
            execution,
            () ->
                CompletableFuture.runAsync(
                    () -> deleteTree(directory(execution).path()), machine.blocking()))
        .thenCompose(
            done ->
                machine.deleteEvents().apply(TaskActor.persistenceId(master, execution), version));
  }

  private static void deleteTree(Path root) {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessInfo info(ProcessIdentity identity) {
    return new ProcessInfo(identity.pid(), identity.startTicks(), identity.bootId());
  }

  private static ProcessIdentity identity(ProcessInfo info) {
    return new ProcessIdentity(info.pid(), info.startTicks(), info.bootId());
  }
}
