package io.holdfast.protocol.wire;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.protocol.Names;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import java.util.Objects;
import java.util.Optional;

/**
 * What a running task asks of its master, through its agent. It goes up in an {@link
 * Exchange.Response}, once in each session until it is answered by {@link MasterCommand.Answer};
 * the master gives it the effect of once (R5).
 *
 * @param key the task's own: calls of one run with the same key have one effect, so that a client
 *     may repeat what it has no answer to
 */
public record TaskCall(ExecutionId execution, Id id, Ask ask, Optional<String> key) {
  /** Characters of a variable's value. */
  public static final int MOST_VALUE = 64 * 1024;

  /** Characters of a note. */
  public static final int MOST_NOTE = 4 * 1024;

  /** Characters of the text of a progress. */
  public static final int MOST_TEXT = 1024;

  public TaskCall {
    Objects.requireNonNull(execution, "execution");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(ask, "ask");
    key = key == null ? Optional.empty() : key;
  }

  /** Which call of which life of the agent. Within an incarnation later calls have more. */
  public record Id(Incarnation incarnation, long number) {
    public Id {
      Objects.requireNonNull(incarnation, "incarnation");
    }
  }

  /** What is asked. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = PutVariable.class, name = "put-variable"),
    @JsonSubTypes.Type(value = GetVariable.class, name = "get-variable"),
    @JsonSubTypes.Type(value = Progress.class, name = "progress"),
    @JsonSubTypes.Type(value = Note.class, name = "note")
  })
  public sealed interface Ask {
    /** What is wrong with it, if so. */
    Optional<TaskAnswer.Refused> wrong();
  }

  /** Set a variable of the run. */
  public record PutVariable(String name, String value) implements Ask {
    public PutVariable {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
    }

    @Override
    public Optional<TaskAnswer.Refused> wrong() {
      return wrongName(name).or(() -> tooLong("value", value, MOST_VALUE));
    }
  }

  /** Read a variable of the run. */
  public record GetVariable(String name) implements Ask {
    public GetVariable {
      Objects.requireNonNull(name, "name");
    }

    @Override
    public Optional<TaskAnswer.Refused> wrong() {
      return wrongName(name);
    }
  }

  /** How far it is; the newest counts. */
  public record Progress(int percent, String text) implements Ask {
    public Progress {
      Objects.requireNonNull(text, "text");
    }

    @Override
    public Optional<TaskAnswer.Refused> wrong() {
      if (percent < 0 || percent > 100) {
        return Optional.of(malformed("percent", "percent is " + percent + ": use 0 to 100"));
      }
      return tooLong("text", text, MOST_TEXT);
    }
  }

  /** A line for the run's history. */
  public record Note(String text) implements Ask {
    public Note {
      Objects.requireNonNull(text, "text");
    }

    @Override
    public Optional<TaskAnswer.Refused> wrong() {
      if (text.isBlank()) {
        return Optional.of(malformed("text", "the note is empty: give it some text"));
      }
      return tooLong("text", text, MOST_NOTE);
    }
  }

  /** What is wrong with it, if so: for whoever takes it from somebody else. */
  public Optional<TaskAnswer.Refused> wrong() {
    return key.flatMap(TaskCall::wrongKey).or(ask::wrong);
  }

  /** What is wrong with an idempotency key, if so. */
  public static Optional<TaskAnswer.Refused> wrongKey(String key) {
    boolean right =
        !key.isEmpty() && key.length() <= 100 && key.chars().allMatch(c -> c > ' ' && c < 127);
    return right
        ? Optional.empty()
        : Optional.of(
            malformed(
                "Idempotency-Key",
                "the key has "
                    + key.length()
                    + " characters: use 1 to 100 printable ones of ASCII, without spaces"));
  }

  private static Optional<TaskAnswer.Refused> wrongName(String name) {
    if (Names.isValid(name)) {
      return Optional.empty();
    }
    String shown = name.length() <= 100 ? name : name.substring(0, 100) + "…";
    return Optional.of(
        malformed(
            "name",
            "the variable's name is '"
                + shown
                + "': use 1 to 100 of the characters A-Z a-z 0-9 . _ - and no leading dot"));
  }

  private static Optional<TaskAnswer.Refused> tooLong(String field, String text, int most) {
    return text.length() <= most
        ? Optional.empty()
        : Optional.of(
            new TaskAnswer.Refused(
                TaskAnswer.Code.TOO_LARGE,
                field,
                field + " has " + text.length() + " characters: at most " + most + " are taken"));
  }

  private static TaskAnswer.Refused malformed(String field, String message) {
    return new TaskAnswer.Refused(TaskAnswer.Code.MALFORMED, field, message);
  }
}
