package io.holdfast.protocol.task;

import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The life of a task: what follows from a command, and what an event means. Pure: equal inputs give
 * equal outputs.
 */
public final class TaskRules {
  /**
   * How many request ids of one task are remembered; a master that repeats more often is refused.
   */
  public static final int MAX_REQUESTS = 100;

  /**
   * How a task ended whose journal was damaged: unknown, whatever its files say. The lost part may
   * have told its master otherwise.
   */
  public static final Outcome JOURNAL_DAMAGED = new Outcome.Vanished("journal damaged");

  private TaskRules() {}

  /**
   * What {@code command} leads to.
   *
   * @param now the agent's wall clock, for the events' time stamps alone
   */
  public static Decision<TaskEvent, TaskDirective> decide(
      TaskState state, TaskCommand command, Instant now) {
    if (command instanceof TaskCommand.Start start) {
      return start(state, start, now);
    }
    if (command instanceof TaskCommand.Stop stop) {
      return stop(state, stop, now);
    }
    if (command instanceof TaskCommand.GiveUp giveUp) {
      return giveUp(state, giveUp, now);
    }
    if (command instanceof TaskCommand.Release) {
      return release(state, now);
    }
    if (command instanceof TaskCommand.ProcessStarted started) {
      return processStarted(state, started, now);
    }
    if (command instanceof TaskCommand.ProcessEnded ended) {
      return processEnded(state, ended, now);
    }
    throw new IllegalArgumentException("no rule for " + command);
  }

  private static Decision<TaskEvent, TaskDirective> start(
      TaskState state, TaskCommand.Start start, Instant now) {
    if (isForeign(state, start.masterJournal())) {
      return Decision.none();
    }
    return switch (state.phase()) {
      case UNKNOWN -> first(start, now);
      case ACCEPTED, RUNNING, STOPPING, FINISHED ->
          state.requests().contains(start.request()) || state.requests().size() >= MAX_REQUESTS
              ? Decision.none()
              : events(new TaskEvent.Repeated(start.request(), now));
      // A delayed order for what was given up or is long done must never fire (R7).
      case TOMBSTONED, RELEASED -> Decision.none();
    };
  }

  private static boolean isForeign(TaskState state, JournalId masterJournal) {
    return state.masterJournal().filter(orderer -> !orderer.equals(masterJournal)).isPresent();
  }

  /**
   * Why a start of the master with this journal had no effect on the task that is now in {@code
   * state}, if so. That it did not start nor take the order as its own must be told.
   */
  public static Optional<String> refusal(TaskState state, JournalId masterJournal) {
    if (isForeign(state, masterJournal)) {
      return Optional.of("the agent holds this id from a former master of this name");
    }
    return switch (state.phase()) {
      case TOMBSTONED -> Optional.of("this id was given up before, and can never start");
      case RELEASED -> Optional.of("this id was used before, and its task is over");
      case UNKNOWN, ACCEPTED, RUNNING, STOPPING, FINISHED -> Optional.empty();
    };
  }

  /** What is refused is noted as an order too, so that it can be told whose it was. */
  private static Decision<TaskEvent, TaskDirective> first(TaskCommand.Start start, Instant now) {
    TaskEvent accepted =
        new TaskEvent.Accepted(
            start.spec(), start.request(), start.masterJournal(), start.bootId(), now);
    if (start.refusal().isEmpty()) {
      return new Decision<>(List.of(accepted), List.of(new TaskDirective.Launch(start.spec())));
    }
    Outcome refused = new Outcome.Refused(start.refusal().get());
    return new Decision<>(
        List.of(accepted, new TaskEvent.Finished(refused, 0, 0, Optional.empty(), now)), List.of());
  }

  private static Decision<TaskEvent, TaskDirective> stop(
      TaskState state, TaskCommand.Stop stop, Instant now) {
    if (state.phase() == TaskPhase.ACCEPTED || state.phase() == TaskPhase.RUNNING) {
      return new Decision<>(
          List.of(new TaskEvent.StopBegun(stop.reason(), now)),
          List.of(new TaskDirective.StopTree(stop.reason())));
    }
    return Decision.none();
  }

  private static Decision<TaskEvent, TaskDirective> giveUp(
      TaskState state, TaskCommand.GiveUp giveUp, Instant now) {
    return state.phase() == TaskPhase.UNKNOWN
        ? events(new TaskEvent.Tombstoned(giveUp.masterJournal(), now))
        : Decision.none();
  }

  private static Decision<TaskEvent, TaskDirective> release(TaskState state, Instant now) {
    return switch (state.phase()) {
      case FINISHED, TOMBSTONED ->
          new Decision<>(List.of(new TaskEvent.Released(now)), List.of(new TaskDirective.Delete()));
      case UNKNOWN, ACCEPTED, RUNNING, STOPPING, RELEASED -> Decision.none();
    };
  }

  private static Decision<TaskEvent, TaskDirective> processStarted(
      TaskState state, TaskCommand.ProcessStarted started, Instant now) {
    boolean news =
        state.phase() == TaskPhase.ACCEPTED
            || (state.phase() == TaskPhase.STOPPING && state.process().isEmpty());
    return news ? events(new TaskEvent.Started(started.process(), now)) : Decision.none();
  }

  private static Decision<TaskEvent, TaskDirective> processEnded(
      TaskState state, TaskCommand.ProcessEnded ended, Instant now) {
    return state.phase().mayBeAlive()
        ? events(
            new TaskEvent.Finished(
                ended.outcome(), ended.stdoutBytes(), ended.stderrBytes(), ended.endedAt(), now))
        : Decision.none();
  }

  private static Decision<TaskEvent, TaskDirective> events(TaskEvent event) {
    return new Decision<>(List.of(event), List.of());
  }

  /**
   * What {@code event} makes of {@code state}.
   *
   * @throws IllegalStateException if it may not happen there: the journal is damaged or a rule is
   *     wrong, and going on would be a guess
   */
  public static TaskState evolve(TaskState state, TaskEvent event) {
    TaskPhase phase =
        TaskTransitions.next(state.phase(), event.getClass())
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        event.getClass().getSimpleName()
                            + " cannot follow "
                            + state.phase()
                            + " (event "
                            + (state.version() + 1)
                            + ")"));
    Optional<TaskSpec> spec = state.spec();
    var masterJournal = state.masterJournal();
    Optional<String> bootId = state.bootId();
    List<RequestId> requests = state.requests();
    Optional<ProcessInfo> process = state.process();
    Optional<Instant> startedAt = state.startedAt();
    Optional<StopReason> stopReason = state.stopReason();
    Optional<TaskEvent.Finished> end = state.end();
    Optional<String> damage = state.damage();
    long version = state.version() + 1;
    if (event instanceof TaskEvent.Accepted accepted) {
      spec = Optional.of(accepted.spec());
      masterJournal = Optional.of(accepted.masterJournal());
      bootId = Optional.of(accepted.bootId());
      requests = List.of(accepted.request());
    } else if (event instanceof TaskEvent.Repeated repeated) {
      requests = new ArrayList<>(requests);
      requests.add(repeated.request());
    } else if (event instanceof TaskEvent.Started started) {
      process = Optional.of(started.process());
      startedAt = Optional.of(started.at());
    } else if (event instanceof TaskEvent.StopBegun stop) {
      stopReason = Optional.of(stop.reason());
    } else if (event instanceof TaskEvent.Finished finished) {
      end = Optional.of(finished);
    } else if (event instanceof TaskEvent.Tombstoned tombstoned) {
      masterJournal = Optional.of(tombstoned.masterJournal());
    } else if (event instanceof TaskEvent.JournalDamaged damaged) {
      damage = Optional.of(damaged.what());
      version = Math.max(version, damaged.number());
    }
    return new TaskState(
        phase,
        version,
        spec,
        masterJournal,
        bootId,
        requests,
        process,
        startedAt,
        stopReason,
        end,
        damage);
  }

  /** What is still to be done for a task that was recovered from its journal in {@code state}. */
  public static List<TaskDirective> outstanding(TaskState state) {
    return switch (state.phase()) {
      case ACCEPTED, RUNNING -> List.of(new TaskDirective.Adopt());
      case STOPPING ->
          state.damage().isPresent()
              ? List.of(new TaskDirective.EndAll(state.spec()))
              : List.of(
                  new TaskDirective.StopTree(
                      state
                          .stopReason()
                          .orElseThrow(
                              () -> new IllegalStateException("stopping without a reason"))));
      case RELEASED -> List.of(new TaskDirective.Delete());
      case UNKNOWN, FINISHED, TOMBSTONED -> List.of();
    };
  }
}
