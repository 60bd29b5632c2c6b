package io.holdfast.agent.session;

import akka.Done;
import io.holdfast.agent.task.TaskEdge;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A machine whose clock and processes the test moves; all that is asked of it is noted. */
final class FakeMachine implements SessionEdge, TaskEdge {
  final List<String> log = new CopyOnWriteArrayList<>();
  volatile CompletableFuture<Void> forbidden = CompletableFuture.completedFuture(null);
  final Map<ExecutionId, CompletableFuture<TaskCommand.ProcessEnded>> running =
      new ConcurrentHashMap<>();
  volatile Duration now = Duration.ofHours(1);
  volatile Optional<Duration> deadline = Optional.empty();
  volatile boolean diskIsFull;
  volatile Optional<String> refusal = Optional.empty();

  void pass(Duration time) {
    now = now.plus(time);
  }

  @Override
  public Duration now() {
    return now;
  }

  @Override
  public String bootId() {
    return "boot-1";
  }

  @Override
  public Optional<Duration> readDeadline(MasterId master) {
    return deadline;
  }

  @Override
  public Optional<String> refusal() {
    return refusal;
  }

  @Override
  public boolean writeDeadline(
      MasterId master, Duration written, Duration killGrace, Duration anchor) {
    if (diskIsFull) {
      return false;
    }
    log.add("deadline");
    deadline = Optional.of(written);
    return true;
  }

  @Override
  public void deleteEvents(String persistenceId, long version) {
    log.add("delete " + persistenceId + " up to " + version);
  }

  @Override
  public TaskEdge tasksOf(MasterId master) {
    return this;
  }

  @Override
  public CompletionStage<TaskCommand> launch(TaskSpec spec) {
    log.add("launch " + spec.execution());
    running.put(spec.execution(), new CompletableFuture<>());
    return CompletableFuture.completedFuture(
        new TaskCommand.ProcessStarted(new ProcessInfo(4711, 12, "boot-1")));
  }

  @Override
  public CompletionStage<Adoption> adopt(TaskSpec spec, String acceptedInBoot) {
    log.add("adopt " + spec.execution());
    return CompletableFuture.completedFuture(
        new Adoption.Running(new ProcessInfo(4711, 12, "boot-1")));
  }

  @Override
  public CompletionStage<TaskCommand.ProcessEnded> awaitEnd(TaskSpec spec, ProcessInfo process) {
    return running.computeIfAbsent(spec.execution(), id -> new CompletableFuture<>());
  }

  void end(ExecutionId execution, Outcome outcome) {
    running.get(execution).complete(new TaskCommand.ProcessEnded(outcome, 0, 0, Optional.empty()));
  }

  @Override
  public CompletionStage<Void> forbid(TaskSpec spec, StopReason reason) {
    return forbidden;
  }

  @Override
  public CompletionStage<TaskCommand.ProcessEnded> stop(
      TaskSpec spec, StopReason reason, String acceptedInBoot) {
    log.add("stop " + spec.execution() + " " + reason.word());
    return forbidden.thenApply(
        done -> new TaskCommand.ProcessEnded(new Outcome.Stopped(reason), 0, 0, Optional.empty()));
  }

  @Override
  public CompletionStage<Void> forbidAll(ExecutionId execution, Duration grace) {
    return forbidden;
  }

  @Override
  public CompletionStage<TaskCommand.ProcessEnded> endAll(ExecutionId execution, Duration grace) {
    log.add("end all of " + execution + " within " + grace);
    return forbidden.thenApply(
        done -> new TaskCommand.ProcessEnded(TaskRules.JOURNAL_DAMAGED, 0, 0, Optional.empty()));
  }

  @Override
  public boolean isAlive(ProcessInfo process) {
    return true;
  }

  @Override
  public Duration remaining(ProcessInfo process, Duration timeout) {
    return timeout;
  }

  @Override
  public Exchange.OutputSize outputSize(ExecutionId execution) {
    return new Exchange.OutputSize(execution, 0, 0);
  }

  @Override
  public CompletionStage<Done> delete(ExecutionId execution, long version) {
    log.add("delete " + execution);
    return CompletableFuture.completedFuture(Done.getInstance());
  }
}
