package io.holdfast.master.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.master.JournalledEvents;
import io.holdfast.master.history.HistoryChange.AgentChanged;
import io.holdfast.master.history.HistoryChange.StartSeen;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.persistence.JournalCut;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.TaskPhase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What each event means for the history. */
class HistoryRulesTest {
  private static final Instant AT = Instant.parse("2026-11-22T15:00:00Z");

  /** Fails for a new event: decide in HistoryRules what it changes, be it nothing. */
  @Test
  void P5_somethingIsDecidedOfEveryEvent() {
    Set<Object> sampled =
        JournalledEvents.samples().stream().map(Object::getClass).collect(Collectors.toSet());
    for (Class<?> sealed : JournalledEvents.SEALED) {
      assertThat(sampled)
          .as("JournalledEvents.samples() of %s", sealed)
          .contains((Object[]) sealed.getPermittedSubclasses());
    }
    for (Object event : JournalledEvents.samples()) {
      assertThat(HistoryRules.changes("agent|agent-1", 1, event)).as("%s", event).isNotNull();
      assertThat(HistoryRules.at(event)).isNotNull();
    }
    // As it is stored, wherever a repair had to cut: a history must not stop at it.
    JournalCut cut = new JournalCut(9, 1, 3, "the checksum does not match", AT);
    assertThat(HistoryRules.changes("job|a", 9, cut)).isEmpty();
    assertThat(HistoryRules.at(cut)).isEqualTo(AT);
    assertThatThrownBy(() -> HistoryRules.changes("job|a", 1, "what is this"))
        .hasMessageContaining("java.lang.String");
  }

  @Test
  void whatWasDisownedIsNoExecutionOfThisMaster() {
    ExecutionId ours = ExecutionId.parse("tick#1.1");
    ExecutionId foreign = ExecutionId.parse("tick#9.1");
    LinkEvent event =
        new LinkEvent.Reconciled(
            new MasterEpoch(3),
            new JournalId("aj-1"),
            new Incarnation("i-1"),
            List.of(
                entry(ours, ReconcileDecision.RESUME), entry(foreign, ReconcileDecision.DISOWN)),
            List.of(item(ours), item(foreign)),
            AT);
    List<HistoryChange> changes = HistoryRules.changes("agent|agent-1", 7, event);
    assertThat(changes).hasSize(2);
    assertThat(changes.get(0))
        .isInstanceOfSatisfying(
            AgentChanged.class,
            changed -> {
              assertThat(changed.agent().value()).isEqualTo("agent-1");
              assertThat(changed.number()).isEqualTo(7);
              assertThat(changed.news().state()).isEqualTo("reconciled");
            });
    assertThat(((StartSeen) changes.get(1)).execution()).isEqualTo(ours);
  }

  private static ReconcileEntry entry(ExecutionId id, ReconcileDecision decision) {
    return new ReconcileEntry(id, "running", "running", decision, "", false);
  }

  private static InventoryItem item(ExecutionId id) {
    return new InventoryItem(
        id,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        TaskPhase.RUNNING,
        3,
        Optional.of(AT),
        Optional.empty(),
        Optional.empty(),
        0,
        0);
  }
}
