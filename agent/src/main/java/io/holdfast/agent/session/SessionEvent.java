package io.holdfast.agent.session;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.reconcile.UsedNumbers;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What an agent must never forget of a master. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SessionEvent.MasterSeen.class, name = "master-seen"),
  @JsonSubTypes.Type(value = SessionEvent.NumbersUsed.class, name = "numbers-used"),
  @JsonSubTypes.Type(value = SessionEvent.Summed.class, name = "summed"),
  @JsonSubTypes.Type(value = SessionEvent.JournalDamaged.class, name = "journal-damaged")
})
public sealed interface SessionEvent {
  /** A newer epoch or another journal of this master coupled. */
  record MasterSeen(
      MasterEpoch epoch, JournalId masterJournal, Optional<Incarnation> life, Instant at)
      implements SessionEvent {
    public MasterSeen {
      Objects.requireNonNull(epoch, "epoch");
      Objects.requireNonNull(masterJournal, "masterJournal");
      life = life == null ? Optional.empty() : life;
    }

    public MasterSeen(MasterEpoch epoch, JournalId masterJournal, Instant at) {
      this(epoch, masterJournal, Optional.empty(), at);
    }
  }

  /** The number of a task that is about to be released. */
  record Used(ExecutionId execution, FencingToken token) {
    public Used {
      Objects.requireNonNull(execution, "execution");
      Objects.requireNonNull(token, "token");
    }
  }

  /**
   * Tasks are about to be released and forgotten; that their numbers were used is not: a master
   * whose journal has lost its tail must not use them again.
   */
  record NumbersUsed(List<Used> numbers, Instant at) implements SessionEvent {
    public NumbersUsed {
      numbers = List.copyOf(numbers);
    }
  }

  /** All that the events before this one amount to; they are deleted after it. */
  record Summed(
      MasterEpoch epoch,
      Optional<JournalId> masterJournal,
      Optional<Incarnation> life,
      UsedNumbers used,
      Instant at)
      implements SessionEvent {
    public Summed {
      Objects.requireNonNull(epoch, "epoch");
      Objects.requireNonNull(used, "used");
      masterJournal = masterJournal == null ? Optional.empty() : masterJournal;
      life = life == null ? Optional.empty() : life;
    }
  }

  /**
   * What came after the events before this one is lost with a part of the journal: epoch and
   * numbers are the least that was seen, and the master's journal may be another by now.
   *
   * @param what what is wrong with the journal, as half a sentence
   */
  record JournalDamaged(String what, Instant at) implements SessionEvent {
    public JournalDamaged {
      Objects.requireNonNull(what, "what");
      Objects.requireNonNull(at, "at");
    }
  }
}
