package io.holdfast.master.audit;

import io.holdfast.master.job.Durations;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.Target;
import io.holdfast.master.run.JobEvent;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** The events of a job in words. */
final class JobWords {
  private static final int MOST_CHARACTERS = 60;

  private JobWords() {}

  static Statement tell(String job, JobEvent event) {
    if (event instanceof JobEvent.Defined defined) {
      return new Statement(
          Subject.job(job), "the job was defined: " + words(defined.definition()), "a job file");
    }
    if (event instanceof JobEvent.RunRequested asked) {
      return new Statement(
          Subject.run(asked.run()),
          "run " + asked.run() + " was requested" + with(asked.parameters()),
          asked.by().map(who -> "asked for by " + who + ", ").orElse("")
              + asked.requestId().map(id -> "request id " + id).orElse("a request without an id"));
    }
    if (event instanceof JobEvent.CancelRequested cancel) {
      return new Statement(
          Subject.run(cancel.run()),
          "run " + cancel.run() + " is to be cancelled",
          "asked for %swith the reason: %s"
              .formatted(
                  cancel.by().map(who -> "by " + who + " ").orElse(""), quoted(cancel.reason())));
    }
    if (event instanceof JobEvent.ExecutionBegun begun) {
      return new Statement(
          Subject.execution(begun.execution()).on(begun.agent().value()),
          "execution %s may begin, on %s with fencing token %s"
              .formatted(begun.execution(), begun.agent(), begun.token()),
          "nothing else of the job is open");
    }
    if (event instanceof JobEvent.ExecutionEnded ended) {
      return new Statement(
          Subject.execution(ended.execution()),
          "execution %s has its outcome: %s%s"
              .formatted(
                  ended.execution(),
                  ended.outcome().words(),
                  times(ended.startedAt(), seenToEnd(ended))),
          "told by the link");
    }
    if (event instanceof JobEvent.ExecutionAmended amended) {
      return new Statement(
          Subject.execution(amended.execution()),
          "execution %s: the verdict stays, and what became of it is added: %s"
              .formatted(amended.execution(), amended.outcome().words()),
          "told by the link");
    }
    if (event instanceof JobEvent.RunEnded ended) {
      return new Statement(
          Subject.run(ended.run()),
          "run %s has ended: %s".formatted(ended.run(), ended.result().word()),
          ended.message());
    }
    if (event instanceof JobEvent.NumberingRaised raised) {
      return new Statement(
          Subject.job(job),
          "run numbers up to %d and fencing tokens up to %s count as used"
              .formatted(raised.run(), raised.token()),
          "an agent has seen them, and this journal has lost them");
    }
    if (event instanceof JobEvent.RunAdopted adopted) {
      return new Statement(
          Subject.execution(adopted.execution()).on(adopted.agent().value()),
          "execution %s was taken into the history%s%s"
              .formatted(
                  adopted.execution(),
                  adopted.token().map(token -> ", fencing token " + token).orElse(""),
                  times(adopted.startedAt(), Optional.empty())),
          adopted.agent() + " holds it, and this journal has lost it");
    }
    return afterADamage(job, event).orElseGet(() -> told(event));
  }

  private static Optional<Statement> afterADamage(String job, JobEvent event) {
    if (event instanceof JobEvent.JournalDamaged damaged) {
      return Optional.of(
          new Statement(
              Subject.job(job),
              "a part of the job's journal is lost: nothing of it begins until all links were asked",
              damaged.what()));
    }
    if (event instanceof JobEvent.LinkHeard heard) {
      return Optional.of(
          new Statement(
              Subject.job(job),
              "the link to %s has told what it holds of the job".formatted(heard.agent()),
              "a part of the job's journal is lost"));
    }
    if (event instanceof JobEvent.AllLinksHeard) {
      return Optional.of(
          new Statement(
              Subject.job(job),
              "runs may begin again: what may live of the job is known",
              "every link has told what it holds of it"));
    }
    return Optional.empty();
  }

  private static Statement told(JobEvent event) {
    if (event instanceof JobEvent.VariableSet set) {
      return new Statement(
          Subject.execution(set.execution()),
          "variable %s of the run was set to %s".formatted(set.name(), quoted(set.value())),
          by("execution " + set.execution() + " with token " + set.token(), set.call(), set.key()));
    }
    if (event instanceof JobEvent.NoteAdded note) {
      return new Statement(
          Subject.execution(note.execution()),
          "noted: " + quoted(note.text()),
          by("execution " + note.execution(), note.call(), note.key()));
    }
    if (event instanceof JobEvent.ProgressMade made) {
      return new Statement(
          Subject.execution(made.execution()),
          "progress: %d %% %s".formatted(made.percent(), quoted(made.text())),
          by("execution " + made.execution(), made.call(), Optional.empty()));
    }
    throw new IllegalArgumentException("no words for " + event);
  }

  private static String by(String who, TaskCall.Id call, Optional<String> key) {
    return "%s, call %d of %s%s"
        .formatted(
            who,
            call.number(),
            call.incarnation(),
            key.map(k -> ", idempotency key " + quoted(k)).orElse(""));
  }

  /** What a job is, in short. */
  static String words(JobDefinition job) {
    String target =
        job.target() instanceof Target.OneAgent one
            ? "on agent " + one.agent()
            : "on group " + ((Target.Group) job.target()).group();
    return target
        + job.timeout().map(t -> ", timeout " + Durations.format(t)).orElse("")
        + ", kill grace "
        + Durations.format(job.killGrace())
        + ", on connection loss "
        + dashed(job.onConnectionLoss())
        + ", on lost "
        + dashed(job.onLost())
        + with(job.parameters());
  }

  static String dashed(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String with(SortedMap<String, String> parameters) {
    return parameters.isEmpty()
        ? ""
        : parameters.entrySet().stream()
            .map(JobWords::pair)
            .collect(Collectors.joining(", ", ", with ", ""));
  }

  private static String pair(Map.Entry<String, String> entry) {
    return entry.getKey() + "=" + quoted(entry.getValue());
  }

  /** In one line, and not too long. */
  static String quoted(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    int most =
        line.offsetByCodePoints(
            0, Math.min(MOST_CHARACTERS, line.codePointCount(0, line.length())));
    return "'" + line.substring(0, most) + (most < line.length() ? "…" : "") + "'";
  }

  /** When it was called lost is by the master's clock. */
  private static Optional<Instant> seenToEnd(JobEvent.ExecutionEnded ended) {
    return ended.outcome() instanceof Outcome.Lost ? Optional.empty() : ended.endedAt();
  }

  private static String times(Optional<Instant> started, Optional<Instant> ended) {
    if (started.isEmpty() && ended.isEmpty()) {
      return "";
    }
    return " ("
        + started.map(at -> "started " + at).orElse("")
        + (started.isPresent() && ended.isPresent() ? ", " : "")
        + ended.map(at -> "ended " + at).orElse("")
        + " by the agent's clock)";
  }
}
