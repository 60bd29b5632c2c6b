package io.holdfast.protocol.wire;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.UsedNumbers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** {@code POST /agent/v1/masters/{masterId}/session}: begins a session, ends the one before. */
public final class Couple {
  private Couple() {}

  /**
   * The master introduces itself.
   *
   * @param agent whom it means to talk to; another one refuses
   * @param life of the master's side of the link: two lives cannot share an epoch
   */
  public record Request(
      AgentId agent,
      JournalId masterJournal,
      MasterEpoch epoch,
      TimingPolicy timing,
      Optional<Incarnation> life) {
    public Request {
      Objects.requireNonNull(agent, "agent");
      Objects.requireNonNull(masterJournal, "masterJournal");
      Objects.requireNonNull(epoch, "epoch");
      Objects.requireNonNull(timing, "timing");
      life = life == null ? Optional.empty() : life;
    }

    public Request(AgentId agent, JournalId masterJournal, MasterEpoch epoch, TimingPolicy timing) {
      this(agent, masterJournal, epoch, timing, Optional.empty());
    }
  }

  /**
   * The agent's answer: who it is and all that it holds for this master.
   *
   * @param anchor the agent's time of sending (R2)
   * @param taskLimit how many tasks of this master it runs at once
   * @param used the highest numbers of this master whose tasks it was told to forget, if there are
   *     any
   */
  public record Response(
      AgentId agent,
      JournalId journal,
      Incarnation incarnation,
      SessionId session,
      Duration anchor,
      int taskLimit,
      List<InventoryItem> inventory,
      Optional<UsedNumbers> used) {
    public Response {
      Objects.requireNonNull(agent, "agent");
      Objects.requireNonNull(journal, "journal");
      Objects.requireNonNull(incarnation, "incarnation");
      Objects.requireNonNull(session, "session");
      Objects.requireNonNull(anchor, "anchor");
      inventory = List.copyOf(Objects.requireNonNull(inventory, "inventory"));
      used = used == null ? Optional.empty() : used;
    }
  }
}
