package io.holdfast.protocol.reconcile;

import static io.holdfast.protocol.reconcile.ReconcileDecision.ADOPT;
import static io.holdfast.protocol.reconcile.ReconcileDecision.AMEND;
import static io.holdfast.protocol.reconcile.ReconcileDecision.COMPLETE;
import static io.holdfast.protocol.reconcile.ReconcileDecision.DISOWN;
import static io.holdfast.protocol.reconcile.ReconcileDecision.GIVE_UP;
import static io.holdfast.protocol.reconcile.ReconcileDecision.LOST;
import static io.holdfast.protocol.reconcile.ReconcileDecision.RELEASE;
import static io.holdfast.protocol.reconcile.ReconcileDecision.RESEND;
import static io.holdfast.protocol.reconcile.ReconcileDecision.RESUME;
import static io.holdfast.protocol.reconcile.ReconcileDecision.STOP;
import static io.holdfast.protocol.reconcile.ReconcileDecision.WAIT;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.task.TaskPhase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The reconciliation table as one pure function: what the master's journal says against what the
 * agent says, execution by execution. The result does not depend on the order of its inputs.
 */
public final class Reconciliation {
  private Reconciliation() {}

  /**
   * Decides for each execution that either side knows.
   *
   * @param records what the master's journal has open with this agent, and what it called lost
   * @param inventory what the agent has not been told to release
   * @param agentJournal of the agent that answers
   * @param masterJournal this master's own
   * @param used the highest numbers that the agent has seen
   * @throws IllegalArgumentException if an execution stands twice on one side
   */
  public static List<ReconcileEntry> reconcile(
      Collection<MasterRecord> records,
      Collection<InventoryItem> inventory,
      JournalId agentJournal,
      JournalId masterJournal,
      UsedNumbers used) {
    Map<ExecutionId, MasterRecord> ours = byExecution(records, MasterRecord::execution, "records");
    Map<ExecutionId, InventoryItem> theirs =
        byExecution(inventory, InventoryItem::execution, "inventory");

    var all = new TreeSet<>(ours.keySet());
    all.addAll(theirs.keySet());
    List<ReconcileEntry> entries = new ArrayList<>();
    for (ExecutionId execution : all) {
      MasterRecord ourRecord = ours.get(execution);
      InventoryItem item = theirs.get(execution);
      if (ourRecord == null) {
        entries.add(unknownHere(item, masterJournal));
      } else if (item == null) {
        unknownThere(ourRecord, agentJournal, used).ifPresent(entries::add);
      } else {
        entries.add(knownToBoth(ourRecord, item, masterJournal));
      }
    }
    return List.copyOf(entries);
  }

  private static <T> Map<ExecutionId, T> byExecution(
      Collection<T> all, Function<T, ExecutionId> key, String what) {
    Map<ExecutionId, T> found = new TreeMap<>();
    for (T one : all) {
      if (found.put(key.apply(one), one) != null) {
        throw new IllegalArgumentException(
            "execution " + key.apply(one) + " stands twice in the " + what);
      }
    }
    return found;
  }

  private static ReconcileEntry unknownHere(InventoryItem item, JournalId masterJournal) {
    boolean ours = item.masterJournal().equals(Optional.of(masterJournal));
    boolean over = !item.phase().mayBeAlive();
    if (item.phase() == TaskPhase.TOMBSTONED) {
      return entry(
          item.execution(), "nothing", item, RELEASE, "given up before; nothing ran", false);
    }
    if (ours) {
      return entry(
          item.execution(),
          "nothing",
          item,
          ADOPT,
          "this master's journal ordered it and has lost the record",
          true);
    }
    return entry(
        item.execution(),
        "nothing",
        item,
        DISOWN,
        (item.masterJournal().isEmpty()
                ? "the agent has lost who ordered it; "
                : "ordered by a former master of this name; ")
            + (over ? "its outcome is kept" : "it is stopped"),
        true);
  }

  private static Optional<ReconcileEntry> unknownThere(
      MasterRecord ours, JournalId agentJournal, UsedNumbers used) {
    boolean open =
        switch (ours.phase()) {
          case SENT, ACCEPTED, RUNNING -> true;
          case ENDED, LOST -> false;
        };
    if (!open) {
      return Optional.empty();
    }
    if (!ours.sentTo().equals(Optional.of(agentJournal))) {
      return Optional.of(
          entry(
              ours,
              WAIT,
              ours.sentTo().isEmpty()
                  ? "to which data directory it was sent is lost: it is released by time"
                  : "the agent's data directory is a new one: what ran on the old is released by time",
              false));
    }
    if (ours.token().filter(used.of(ours.execution().job())::covers).isPresent()) {
      // It is over, or something of its job that came after it is: what is released is over.
      return Optional.of(
          entry(
              ours,
              LOST,
              "the agent was told to forget it, and this master's journal has lost how it ended",
              true));
    }
    if (ours.phase() != MasterRecord.Phase.SENT) {
      // Called lost once it can never start any more (R7): when the agent has noted that.
      return Optional.of(entry(ours, GIVE_UP, "agent has no record", true));
    }
    if (ours.cancelWanted()) {
      return Optional.of(entry(ours, GIVE_UP, "cancelled before the agent heard of it", false));
    }
    RequestId prior = ours.requests().get(ours.requests().size() - 1);
    return Optional.of(
        entry(ours, RESEND, "request " + prior + " never arrived; sent again naming it", false));
  }

  private static ReconcileEntry knownToBoth(
      MasterRecord ours, InventoryItem item, JournalId masterJournal) {
    String before = word(ours.phase());
    boolean foreign =
        item.masterJournal().isPresent() && !item.masterJournal().get().equals(masterJournal);
    if (foreign) {
      return entry(
          item.execution(),
          before,
          item,
          DISOWN,
          "a former master of this name used the same id",
          true);
    }
    if (item.phase().mayBeAlive()) {
      boolean stopping = item.phase() == TaskPhase.STOPPING;
      return switch (ours.phase()) {
        case LOST ->
            entry(
                item.execution(),
                before,
                item,
                STOP,
                stopping
                    ? "called lost; the agent is about to note its end"
                    : "called lost and yet alive: P1 was at risk",
                !stopping);
        // The journal is behind or was restored: what the agent says is what is.
        case ENDED ->
            entry(item.execution(), before, item, STOP, "called ended and yet alive", true);
        case SENT, ACCEPTED, RUNNING -> resumeOrStop(ours, item, before);
      };
    }
    return switch (ours.phase()) {
      case LOST ->
          entry(
              item.execution(),
              before,
              item,
              AMEND,
              "the verdict stays, the outcome is added",
              false);
      case ENDED -> entry(item.execution(), before, item, RELEASE, "both have it ended", false);
      case SENT, ACCEPTED, RUNNING ->
          entry(
              item.execution(),
              before,
              item,
              COMPLETE,
              "it ended while unheard; it is not executed again",
              false);
    };
  }

  private static ReconcileEntry resumeOrStop(MasterRecord ours, InventoryItem item, String before) {
    boolean stopIt = ours.cancelWanted() && item.phase() != TaskPhase.STOPPING;
    return stopIt
        ? entry(item.execution(), before, item, STOP, "its end was asked for", false)
        : entry(item.execution(), before, item, RESUME, "it went on all the time", false);
  }

  private static ReconcileEntry entry(
      MasterRecord ours, ReconcileDecision decision, String reason, boolean alarm) {
    return new ReconcileEntry(
        ours.execution(), word(ours.phase()), "never heard of it", decision, reason, alarm);
  }

  private static ReconcileEntry entry(
      ExecutionId execution,
      String before,
      InventoryItem item,
      ReconcileDecision decision,
      String reason,
      boolean alarm) {
    return new ReconcileEntry(execution, before, item.words(), decision, reason, alarm);
  }

  private static String word(MasterRecord.Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}
