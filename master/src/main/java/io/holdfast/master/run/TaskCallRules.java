package io.holdfast.master.run;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a job answers to a call of one of its tasks (R5, R14). Only the run's current execution is
 * heard: an older one must not write after its successor has begun. Pure.
 */
public final class TaskCallRules {
  /** Variables of one run. */
  public static final int MOST_VARIABLES = 100;

  /** Characters of all variables of one run. */
  public static final int MOST_VALUES = 256 * 1024;

  /** How often the tasks of one run may set variables: each time stays in the journal. */
  public static final int MOST_WRITES = 10_000;

  /** Notes of one run. */
  public static final int MOST_NOTES = 1000;

  /** Characters of all notes of one run. */
  public static final int MOST_NOTED = 256 * 1024;

  /** The journal takes a progress at most this often. */
  static final Duration PROGRESS_AFTER = Duration.ofSeconds(2);

  /** And, so that a long run does not fill it, no sooner than after this part of its time. */
  static final int PROGRESS_PARTS = 500;

  private TaskCallRules() {}

  /**
   * What follows from a call.
   *
   * @param events to be made durable before the answer is given
   * @param later a progress that the journal takes when {@link #isDue}, if no newer one has come
   */
  public record Verdict(
      List<JobEvent> events, Optional<JobEvent.ProgressMade> later, TaskAnswer answer) {}

  /**
   * Decides.
   *
   * @param from the agent that brings the call
   * @param now the master's wall clock: for the time stamps, and to write progress less often
   */
  public static Verdict decide(JobState state, TaskCall call, AgentId from, Instant now) {
    Optional<TaskAnswer.Refused> wrong = call.wrong();
    if (wrong.isPresent()) {
      return answer(wrong.get());
    }
    Optional<ExecutionRecord> caller =
        state.run(call.execution().run()).flatMap(RunRecord::openExecution);
    boolean current =
        caller.filter(e -> e.id().equals(call.execution()) && e.agent().equals(from)).isPresent();
    if (!current) {
      return refused(
          TaskAnswer.Code.ENDED,
          "execution",
          "execution "
              + call.execution()
              + " is not the one that its run goes by now: it has ended, or was given up");
    }
    Told told = state.run(call.execution().run()).orElseThrow().told();
    if (call.ask() instanceof TaskCall.GetVariable get) {
      return read(told, get);
    }
    if (told.has(call)) {
      return answer(new TaskAnswer.Done());
    }
    if (call.ask() instanceof TaskCall.Progress progress) {
      return progress(told, caller.get(), call, progress, now);
    }
    Optional<String> usedFor = call.key().map(told.keys()::get);
    if (usedFor.isPresent()) {
      return usedFor.get().equals(Told.fingerprint(call.ask()))
          ? answer(new TaskAnswer.Done())
          : refused(
              TaskAnswer.Code.CONFLICT,
              "Idempotency-Key",
              "the key '"
                  + call.key().get()
                  + "' was used for another call of this run: give each call a key of its own");
    }
    return call.ask() instanceof TaskCall.PutVariable put
        ? put(told, caller.get(), call, put, now)
        : note(told, call, (TaskCall.Note) call.ask(), now);
  }

  private static Verdict read(Told told, TaskCall.GetVariable get) {
    Told.Variable variable = told.variables().get(get.name());
    return variable == null
        ? refused(
            TaskAnswer.Code.UNKNOWN,
            "name",
            "the run has no variable '" + get.name() + "': no execution of it has set it")
        : answer(new TaskAnswer.Value(variable.value(), variable.token()));
  }

  private static Verdict put(
      Told told, ExecutionRecord caller, TaskCall call, TaskCall.PutVariable put, Instant now) {
    Told.Variable before = told.variables().get(put.name());
    if (before == null && told.variables().size() >= MOST_VARIABLES) {
      return full("name", "has " + MOST_VARIABLES + " variables: set one of them");
    }
    long others =
        told.variables().values().stream().mapToLong(variable -> variable.value().length()).sum()
            - (before == null ? 0 : before.value().length());
    if (others + put.value().length() > MOST_VALUES) {
      return full(
          "value",
          "has "
              + others
              + " characters in its other variables: together they may have "
              + MOST_VALUES);
    }
    if (told.writes() >= MOST_WRITES) {
      return full("name", "has set variables " + MOST_WRITES + " times: no further one is taken");
    }
    return event(
        new JobEvent.VariableSet(
            call.execution(), caller.token(), put.name(), put.value(), call.id(), call.key(), now));
  }

  private static Verdict note(Told told, TaskCall call, TaskCall.Note note, Instant now) {
    if (told.notes().size() >= MOST_NOTES) {
      return full("text", "has " + MOST_NOTES + " notes: no further one is taken");
    }
    long noted = told.notes().stream().mapToLong(other -> other.text().length()).sum();
    if (noted + note.text().length() > MOST_NOTED) {
      return full("text", "has notes of " + noted + " characters: at most " + MOST_NOTED);
    }
    return event(new JobEvent.NoteAdded(call.execution(), note.text(), call.id(), call.key(), now));
  }

  private static Verdict progress(
      Told told, ExecutionRecord caller, TaskCall call, TaskCall.Progress progress, Instant now) {
    var made =
        new JobEvent.ProgressMade(
            call.execution(), progress.percent(), progress.text(), call.id(), now);
    return isDue(told, caller, now)
        ? event(made)
        : new Verdict(List.of(), Optional.of(made), new TaskAnswer.Done());
  }

  /** What of {@code later} the journal takes now, if anything. */
  static List<JobEvent> due(JobState state, JobEvent.ProgressMade later, Instant now) {
    Optional<RunRecord> run = state.run(later.execution().run());
    Optional<ExecutionRecord> caller =
        run.flatMap(RunRecord::openExecution).filter(e -> e.id().equals(later.execution()));
    return caller.isPresent() && isDue(run.get().told(), caller.get(), now)
        ? List.of(later)
        : List.of();
  }

  private static boolean isDue(Told told, ExecutionRecord caller, Instant now) {
    if (told.progress().isEmpty() || !told.progress().get().writer().equals(caller.id())) {
      return true;
    }
    Duration since = Duration.between(told.progress().get().at(), now);
    Duration part = Duration.between(caller.assignedAt(), now).dividedBy(PROGRESS_PARTS);
    // A wall clock that was set back must not silence it.
    return since.isNegative()
        || (since.compareTo(PROGRESS_AFTER) >= 0 && since.compareTo(part) >= 0);
  }

  private static Verdict event(JobEvent event) {
    return new Verdict(List.of(event), Optional.empty(), new TaskAnswer.Done());
  }

  private static Verdict answer(TaskAnswer answer) {
    return new Verdict(List.of(), Optional.empty(), answer);
  }

  private static Verdict full(String field, String message) {
    return refused(TaskAnswer.Code.CONFLICT, field, "the run " + message);
  }

  private static Verdict refused(TaskAnswer.Code code, String field, String message) {
    return answer(new TaskAnswer.Refused(code, field, message));
  }
}
