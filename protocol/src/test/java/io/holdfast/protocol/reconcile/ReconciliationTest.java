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
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskPhase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reconciliation table (R5, R7). */
class ReconciliationTest {
  private static final ExecutionId X = ExecutionId.parse("tick#1.1");
  private static final JournalId MASTER = new JournalId("m1");
  private static final JournalId FORMER_MASTER = new JournalId("m0");
  private static final JournalId AGENT = new JournalId("a1");
  private static final JournalId NEW_AGENT = new JournalId("a2");
  private static final FencingToken TOKEN = new FencingToken(5);

  private static MasterRecord ours(ExecutionId execution, String phase, boolean cancelWanted) {
    return new MasterRecord(
        execution,
        MasterRecord.Phase.valueOf(phase),
        List.of(execution.request(1), execution.request(2)),
        Optional.of(AGENT),
        cancelWanted,
        Optional.of(TOKEN));
  }

  private static InventoryItem theirs(ExecutionId execution, TaskPhase phase, JournalId master) {
    boolean finished = phase == TaskPhase.FINISHED;
    return new InventoryItem(
        execution,
        Optional.of(master),
        Optional.of(new FencingToken(1)),
        List.of(execution.request(1)),
        phase,
        3,
        Optional.empty(),
        Optional.empty(),
        finished ? Optional.of(new Outcome.Exited(0)) : Optional.empty(),
        0,
        0);
  }

  private static List<ReconcileEntry> reconcile(
      List<MasterRecord> records, List<InventoryItem> inventory, boolean sameDirectory) {
    return Reconciliation.reconcile(
        records, inventory, sameDirectory ? AGENT : NEW_AGENT, MASTER, UsedNumbers.NONE);
  }

  // ---- the table

  @ParameterizedTest(name = "{0}{1} | {2} | {3} directory: {4}")
  @CsvSource(
      nullValues = "-",
      value = {
        // master, cancel wanted, agent, directory, decision, alarm
        "SENT,     '',        -,                 same, RESEND,   false",
        "SENT,     '',        ACCEPTED,          same, RESUME,   false",
        "SENT,     '',        RUNNING,           same, RESUME,   false",
        "SENT,     '',        STOPPING,          same, RESUME,   false",
        "SENT,     '',        FINISHED,          same, COMPLETE, false",
        "SENT,     '',        TOMBSTONED,        same, COMPLETE, false",
        "ACCEPTED, '',        RUNNING,           same, RESUME,   false",
        "ACCEPTED, '',        FINISHED,          same, COMPLETE, false",
        "ACCEPTED, '',        -,                 same, GIVE_UP,  true",
        "RUNNING,  '',        ACCEPTED,          same, RESUME,   false",
        "RUNNING,  '',        RUNNING,           same, RESUME,   false",
        "RUNNING,  '',        FINISHED,          same, COMPLETE, false",
        "RUNNING,  '',        -,                 same, GIVE_UP,  true",
        "SENT,     '',        -,                 new,  WAIT,     false",
        "ACCEPTED, '',        -,                 new,  WAIT,     false",
        "RUNNING,  '',        -,                 new,  WAIT,     false",
        "SENT,     ' cancel', -,                 new,  WAIT,     false",
        "RUNNING,  ' cancel', -,                 new,  WAIT,     false",
        "SENT,     ' cancel', -,                 same, GIVE_UP,  false",
        "ACCEPTED, ' cancel', -,                 same, GIVE_UP,  true",
        "RUNNING,  ' cancel', -,                 same, GIVE_UP,  true",
        "SENT,     ' cancel', ACCEPTED,          same, STOP,     false",
        "SENT,     ' cancel', RUNNING,           same, STOP,     false",
        "ACCEPTED, ' cancel', RUNNING,           same, STOP,     false",
        "RUNNING,  ' cancel', RUNNING,           same, STOP,     false",
        "RUNNING,  ' cancel', STOPPING,          same, RESUME,   false",
        "RUNNING,  ' cancel', FINISHED,          same, COMPLETE, false",
        "LOST,     '',        ACCEPTED,          same, STOP,     true",
        "LOST,     '',        RUNNING,           same, STOP,     true",
        "LOST,     '',        STOPPING,          same, STOP,     false",
        "LOST,     '',        FINISHED,          same, AMEND,    false",
        "LOST,     '',        TOMBSTONED,        same, AMEND,    false",
        "LOST,     '',        -,                 same, -,        -",
        "LOST,     '',        -,                 new,  -,        -",
        "ENDED,    '',        FINISHED,          same, RELEASE,  false",
        "ENDED,    '',        TOMBSTONED,        same, RELEASE,  false",
        "ENDED,    '',        RUNNING,           same, STOP,     true",
        "ENDED,    '',        -,                 same, -,        -",
        "ENDED,    '',        -,                 new,  -,        -",
        "-,        '',        ACCEPTED,          same, ADOPT,    true",
        "-,        '',        RUNNING,           same, ADOPT,    true",
        "-,        '',        FINISHED,          same, ADOPT,    true",
        "-,        '',        RUNNING,           new,  ADOPT,    true",
        "-,        '',        TOMBSTONED,        same, RELEASE,  false",
        "-,        '',        RUNNING of former,  same, DISOWN,  true",
        "-,        '',        FINISHED of former, same, DISOWN,  true",
        "-,        '',        TOMBSTONED of former, same, RELEASE, false",
        "SENT,     '',        RUNNING of former,  same, DISOWN,  true",
        "RUNNING,  '',        FINISHED of former, same, DISOWN,  true",
        "LOST,     '',        RUNNING of former,  same, DISOWN,  true",
      })
  void R5_everyRowOfTheTable(
      String master,
      String cancel,
      String agent,
      String directory,
      ReconcileDecision decision,
      Boolean alarm) {
    List<MasterRecord> records =
        master == null ? List.of() : List.of(ours(X, master, !cancel.isEmpty()));
    List<InventoryItem> inventory =
        agent == null
            ? List.of()
            : List.of(
                theirs(
                    X,
                    TaskPhase.valueOf(agent.split(" ")[0]),
                    agent.endsWith("former") ? FORMER_MASTER : MASTER));
    List<ReconcileEntry> entries = reconcile(records, inventory, directory.equals("same"));
    if (decision == null) {
      assertThat(entries).isEmpty();
      return;
    }
    ReconcileEntry entry = only(entries);
    assertThat(entry.decision()).as(entry.reason()).isEqualTo(decision);
    assertThat(entry.alarm()).as("alarm: " + entry.reason()).isEqualTo(alarm);
    assertThat(entry.before())
        .isEqualTo(master == null ? "nothing" : master.toLowerCase(java.util.Locale.ROOT));
    assertThat(entry.agentSays().equals("never heard of it")).isEqualTo(agent == null);
    assertThat(entry.reason()).isNotBlank();
  }

  @Test
  void R5_theReportSaysWhy() {
    assertThat(only(reconcile(List.of(ours(X, "SENT", false)), List.of(), true)).reason())
        .contains("tick#1.1/2");
    assertThat(only(reconcile(List.of(ours(X, "RUNNING", false)), List.of(), true)).reason())
        .isEqualTo("agent has no record");
    assertThat(
            only(reconcile(List.of(), List.of(theirs(X, TaskPhase.FINISHED, MASTER)), true))
                .agentSays())
        .isEqualTo("finished: exited 0");
  }

  @Test
  void R5_anExecutionThatStandsTwiceIsRefused() {
    InventoryItem item = theirs(X, TaskPhase.RUNNING, MASTER);
    MasterRecord record = ours(X, "SENT", false);
    assertThatThrownBy(() -> reconcile(List.of(), List.of(item, item), true))
        .hasMessage("execution tick#1.1 stands twice in the inventory");
    assertThatThrownBy(() -> reconcile(List.of(record, record), List.of(), true))
        .hasMessage("execution tick#1.1 stands twice in the records");
  }

  @Test
  void R5_whatHasNoPlaceInAnInventoryIsRefused() {
    for (TaskPhase phase : List.of(TaskPhase.UNKNOWN, TaskPhase.RELEASED)) {
      assertThatThrownBy(() -> theirs(X, phase, MASTER)).hasMessageContaining("phase " + phase);
    }
    assertThatThrownBy(
            () ->
                new MasterRecord(
                    X,
                    MasterRecord.Phase.SENT,
                    List.of(),
                    Optional.empty(),
                    false,
                    Optional.empty()))
        .hasMessageContaining("has a request");
  }

  private static ReconcileEntry only(List<ReconcileEntry> entries) {
    assertThat(entries).hasSize(1);
    assertThat(entries.get(0).execution()).isEqualTo(X);
    return entries.get(0);
  }

  // ---- a journal that has lost its tail

  @ParameterizedTest
  @CsvSource({
    // phase, released token, decision
    "SENT,     4, RESEND",
    "SENT,     5, LOST",
    "SENT,     9, LOST",
    "ACCEPTED, 4, GIVE_UP",
    "ACCEPTED, 5, LOST",
    "RUNNING,  4, GIVE_UP",
    "RUNNING,  5, LOST",
  })
  void R5_whatTheAgentWasToldToForgetIsNeverSentAgain(
      String phase, long released, ReconcileDecision decision) {
    UsedNumbers used =
        UsedNumbers.NONE.plus(
            RunId.parse("tick#9").execution(1), Optional.of(new FencingToken(released)));
    ReconcileEntry entry =
        only(
            Reconciliation.reconcile(
                List.of(ours(X, phase, false)), List.of(), AGENT, MASTER, used));
    assertThat(entry.decision()).isEqualTo(decision);
    assertThat(entry.alarm()).isEqualTo(decision != RESEND);
    assertThat(
            only(Reconciliation.reconcile(
                    List.of(ours(X, phase, false)), List.of(), NEW_AGENT, MASTER, used))
                .decision())
        .as("another data directory knows nothing of it")
        .isEqualTo(WAIT);
  }

  // ---- properties

  /** Both sides at random, from one seed. */
  private record Situation(
      List<MasterRecord> records, List<InventoryItem> inventory, boolean sameDirectory) {
    static Situation of(long seed) {
      var random = new Random(seed);
      List<MasterRecord> records = new ArrayList<>();
      List<InventoryItem> inventory = new ArrayList<>();
      TaskPhase[] phases = {
        TaskPhase.ACCEPTED,
        TaskPhase.RUNNING,
        TaskPhase.STOPPING,
        TaskPhase.FINISHED,
        TaskPhase.TOMBSTONED
      };
      MasterRecord.Phase[] known = MasterRecord.Phase.values();
      int executions = random.nextInt(15);
      for (int n = 1; n <= executions; n++) {
        ExecutionId execution = RunId.parse("tick#" + n).execution(1 + random.nextInt(2));
        if (random.nextInt(4) != 0) {
          records.add(
              ours(execution, known[random.nextInt(known.length)].name(), random.nextBoolean()));
        }
        if (random.nextInt(3) != 0) {
          inventory.add(
              theirs(
                  execution,
                  phases[random.nextInt(phases.length)],
                  random.nextInt(4) == 0 ? FORMER_MASTER : MASTER));
        }
      }
      return new Situation(records, inventory, random.nextInt(3) != 0);
    }

    List<ReconcileEntry> reconciled() {
      return reconcile(records, inventory, sameDirectory);
    }

    Map<ExecutionId, MasterRecord> byRecord() {
      return records.stream()
          .collect(Collectors.toMap(MasterRecord::execution, Function.identity()));
    }

    Map<ExecutionId, InventoryItem> byItem() {
      return inventory.stream()
          .collect(Collectors.toMap(InventoryItem::execution, Function.identity()));
    }
  }

  @Property
  void R5_theOrderOfTheInputsDoesNotMatter(@ForAll long seed) {
    Situation situation = Situation.of(seed);
    List<MasterRecord> records = new ArrayList<>(situation.records());
    List<InventoryItem> inventory = new ArrayList<>(situation.inventory());
    Collections.shuffle(records, new Random(seed));
    Collections.shuffle(inventory, new Random(seed + 1));
    assertThat(reconcile(records, inventory, situation.sameDirectory()))
        .isEqualTo(situation.reconciled())
        .isSortedAccordingTo((a, b) -> a.execution().compareTo(b.execution()));
  }

  @Property
  void R5_safety_nothingThatMayBeAliveIsGivenUpOrStartedAgain(@ForAll long seed) {
    Situation situation = Situation.of(seed);
    for (ReconcileEntry entry : situation.reconciled()) {
      MasterRecord record = situation.byRecord().get(entry.execution());
      InventoryItem item = situation.byItem().get(entry.execution());
      ReconcileDecision decision = entry.decision();
      String said = entry.toString();
      if (item != null) {
        assertThat(decision).as(said).isNotIn(RESEND, LOST, GIVE_UP, WAIT);
      }
      if (item != null && item.phase().mayBeAlive()) {
        assertThat(decision).as(said).isIn(RESUME, STOP, ADOPT, DISOWN);
      }
      if (item == null && !situation.sameDirectory()) {
        assertThat(decision).as(said).isEqualTo(WAIT);
      }
      if (decision == RESEND) {
        assertThat(record.phase()).as(said).isEqualTo(MasterRecord.Phase.SENT);
        assertThat(record.cancelWanted()).as(said).isFalse();
      }
      assertThat(decision).as("the agent has released none: " + said).isNotEqualTo(LOST);
      if (decision == COMPLETE || decision == AMEND || decision == RELEASE) {
        assertThat(item.phase()).as(said).isIn(TaskPhase.FINISHED, TaskPhase.TOMBSTONED);
      }
      if (item != null && item.masterJournal().equals(Optional.of(FORMER_MASTER))) {
        assertThat(decision).as(said).isIn(DISOWN, RELEASE);
      }
    }
  }

  @Property
  void R5_progress_everyOpenExecutionIsDecidedOnce(@ForAll long seed) {
    Situation situation = Situation.of(seed);
    List<ReconcileEntry> entries = situation.reconciled();
    assertThat(entries).extracting(ReconcileEntry::execution).doesNotHaveDuplicates();
    Set<ExecutionId> open = new HashSet<>(situation.byItem().keySet());
    situation.records().stream()
        .filter(
            record ->
                EnumSet.of(
                        MasterRecord.Phase.SENT,
                        MasterRecord.Phase.ACCEPTED,
                        MasterRecord.Phase.RUNNING)
                    .contains(record.phase()))
        .forEach(record -> open.add(record.execution()));
    assertThat(entries)
        .extracting(ReconcileEntry::execution)
        .containsExactlyInAnyOrderElementsOf(open);
  }
}
