package io.holdfast.agent.session;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import java.time.Instant;
import java.util.Objects;

/** What an agent must never forget of a master. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes(@JsonSubTypes.Type(value = SessionEvent.MasterSeen.class, name = "master-seen"))
public sealed interface SessionEvent {
  /** A newer epoch or another journal of this master coupled. */
  record MasterSeen(MasterEpoch epoch, JournalId masterJournal, Instant at)
      implements SessionEvent {
    public MasterSeen {
      Objects.requireNonNull(epoch, "epoch");
      Objects.requireNonNull(masterJournal, "masterJournal");
    }
  }
}
