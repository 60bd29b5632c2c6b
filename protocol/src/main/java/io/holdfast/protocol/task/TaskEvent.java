package io.holdfast.protocol.task;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What happened to a task. Journalled at the agent, numbered from 1 within the execution, and sent
 * to the master until it is acknowledged (R5). {@code at} is the agent's wall clock: for people,
 * never for a rule.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = TaskEvent.Accepted.class, name = "accepted"),
  @JsonSubTypes.Type(value = TaskEvent.Repeated.class, name = "repeated"),
  @JsonSubTypes.Type(value = TaskEvent.Started.class, name = "started"),
  @JsonSubTypes.Type(value = TaskEvent.StopBegun.class, name = "stop-begun"),
  @JsonSubTypes.Type(value = TaskEvent.Finished.class, name = "finished"),
  @JsonSubTypes.Type(value = TaskEvent.Tombstoned.class, name = "tombstoned"),
  @JsonSubTypes.Type(value = TaskEvent.Released.class, name = "released"),
  @JsonSubTypes.Type(value = TaskEvent.JournalDamaged.class, name = "journal-damaged")
})
public sealed interface TaskEvent {
  Instant at();

  /**
   * The order is taken (R8). {@code masterJournal} tells a rebuilt master from the one that ordered
   * it; {@code bootId} tells a crash of the machine, which may have wiped what was not synced.
   */
  record Accepted(
      TaskSpec spec, RequestId request, JournalId masterJournal, String bootId, Instant at)
      implements TaskEvent {
    public Accepted {
      Objects.requireNonNull(bootId, "bootId");
      Objects.requireNonNull(spec, "spec");
      Objects.requireNonNull(request, "request");
      Objects.requireNonNull(masterJournal, "masterJournal");
      Objects.requireNonNull(at, "at");
    }
  }

  /** The same order came again, under another request id; nothing else changed. */
  record Repeated(RequestId request, Instant at) implements TaskEvent {
    public Repeated {
      Objects.requireNonNull(request, "request");
      Objects.requireNonNull(at, "at");
    }
  }

  /** Its process has won the claim (R9). */
  record Started(ProcessInfo process, Instant at) implements TaskEvent {
    public Started {
      Objects.requireNonNull(process, "process");
      Objects.requireNonNull(at, "at");
    }
  }

  /** Its process tree is being stopped (R11). */
  record StopBegun(StopReason reason, Instant at) implements TaskEvent {
    public StopBegun {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(at, "at");
    }
  }

  /**
   * Nothing of it lives, and this is how it ended. The sizes are those of its whole output, so that
   * the master knows when it has all of it (P2).
   */
  record Finished(
      Outcome outcome, long stdoutBytes, long stderrBytes, Optional<Instant> endedAt, Instant at)
      implements TaskEvent {
    public Finished {
      Objects.requireNonNull(outcome, "outcome");
      Objects.requireNonNull(at, "at");
      endedAt = endedAt == null ? Optional.empty() : endedAt;
    }
  }

  /** It was asked about before it was seen, to be given up: it can never start (R7). */
  record Tombstoned(JournalId masterJournal, Instant at) implements TaskEvent {
    public Tombstoned {
      Objects.requireNonNull(masterJournal, "masterJournal");
      Objects.requireNonNull(at, "at");
    }
  }

  /** The master has its outcome and output in its journal and on its disk. */
  record Released(Instant at) implements TaskEvent {
    public Released {
      Objects.requireNonNull(at, "at");
    }
  }

  /**
   * What came after the events before this one is lost with a part of the journal. What is known of
   * it cannot be trusted any more: unless it is over, all that may live of it is ended.
   *
   * @param number of this event, above every one that was ever given; later ones count on from here
   * @param what what is wrong with the journal, as half a sentence
   */
  record JournalDamaged(long number, String what, Instant at) implements TaskEvent {
    public JournalDamaged {
      Objects.requireNonNull(what, "what");
      Objects.requireNonNull(at, "at");
    }
  }
}
