package io.holdfast.protocol.task;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;

/**
 * How an execution ended. Exactly one per execution (P2); unknown stays unknown: success is never
 * inferred.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Outcome.Exited.class, name = "exited"),
  @JsonSubTypes.Type(value = Outcome.Signalled.class, name = "signalled"),
  @JsonSubTypes.Type(value = Outcome.Stopped.class, name = "stopped"),
  @JsonSubTypes.Type(value = Outcome.FailedToStart.class, name = "failed-to-start"),
  @JsonSubTypes.Type(value = Outcome.Vanished.class, name = "vanished"),
  @JsonSubTypes.Type(value = Outcome.Refused.class, name = "refused"),
  @JsonSubTypes.Type(value = Outcome.NeverStarted.class, name = "never-started"),
  @JsonSubTypes.Type(value = Outcome.Lost.class, name = "lost")
})
public sealed interface Outcome {
  /** In an operator's words, for a terminal or a report. */
  String words();

  /** Whether the job did what it was asked to. */
  @JsonIgnore
  default boolean isSuccess() {
    return false;
  }

  /** The process ended by itself with this code. */
  record Exited(int code) implements Outcome {
    @Override
    public String words() {
      return "exited " + code;
    }

    @Override
    public boolean isSuccess() {
      return code == 0;
    }
  }

  /** The process was ended by a signal that Holdfast did not send. */
  record Signalled(int signal) implements Outcome {
    @Override
    public String words() {
      return "ended by signal " + signal;
    }
  }

  /** Holdfast stopped it; nothing of its process tree is left (R11). */
  record Stopped(StopReason reason) implements Outcome {
    public Stopped {
      Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String words() {
      return "stopped: " + reason.word();
    }
  }

  /** The agent could not start it; nothing ran. */
  record FailedToStart(String why) implements Outcome {
    public FailedToStart {
      Objects.requireNonNull(why, "why");
    }

    @Override
    public String words() {
      return "failed to start: " + why;
    }
  }

  /** It ran, it is gone, and how it ended is not known. */
  record Vanished(String why) implements Outcome {
    public Vanished {
      Objects.requireNonNull(why, "why");
    }

    @Override
    public String words() {
      return "vanished: " + why;
    }
  }

  /** The agent did not take it; nothing ran. */
  record Refused(String why) implements Outcome {
    public Refused {
      Objects.requireNonNull(why, "why");
    }

    @Override
    public String words() {
      return "refused: " + why;
    }
  }

  /** It was given up before anything ran, and can never start (R7). */
  record NeverStarted(String why) implements Outcome {
    public NeverStarted {
      Objects.requireNonNull(why, "why");
    }

    @Override
    public String words() {
      return "never started: " + why;
    }
  }

  /** The master's verdict once nothing of it can be alive any more (R3). Not an agent's word. */
  record Lost(String why) implements Outcome {
    public Lost {
      Objects.requireNonNull(why, "why");
    }

    @Override
    public String words() {
      return "lost: " + why;
    }
  }
}
