package io.holdfast.protocol.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.protocol.id.FencingToken;
import java.util.Objects;

/** What a master answers to a {@link TaskCall}, once its effect is durable (R14). */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = TaskAnswer.Done.class, name = "done"),
  @JsonSubTypes.Type(value = TaskAnswer.Value.class, name = "value"),
  @JsonSubTypes.Type(value = TaskAnswer.Refused.class, name = "refused")
})
public sealed interface TaskAnswer {
  /** It has its effect, by this call or by an earlier one with the same key. */
  record Done() implements TaskAnswer {}

  /**
   * A variable's value.
   *
   * @param writer the fencing token of the execution that set it
   */
  record Value(String value, FencingToken writer) implements TaskAnswer {
    public Value {
      Objects.requireNonNull(value, "value");
      Objects.requireNonNull(writer, "writer");
    }
  }

  /** It changed nothing. */
  record Refused(Code code, String field, String message) implements TaskAnswer {
    public Refused {
      Objects.requireNonNull(code, "code");
      Objects.requireNonNull(field, "field");
      Objects.requireNonNull(message, "message");
    }
  }

  /** Why, for programs. */
  enum Code {
    /** The execution has ended, or another one has its place. */
    @JsonProperty("ended")
    ENDED,
    /** There is no such variable. */
    @JsonProperty("unknown")
    UNKNOWN,
    /** A bound of the run is reached, or the key was used for something else. */
    @JsonProperty("conflict")
    CONFLICT,
    /** A field cannot be as it is. */
    @JsonProperty("malformed")
    MALFORMED,
    /** A field is too large. */
    @JsonProperty("too-large")
    TOO_LARGE,
    /** The queue of the task's waiting calls is full. */
    @JsonProperty("too-many")
    TOO_MANY
  }
}
