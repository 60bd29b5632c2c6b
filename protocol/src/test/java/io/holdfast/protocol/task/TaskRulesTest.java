package io.holdfast.protocol.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.task.TaskTransitions.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The life of a task, every phase against every command and every event. */
class TaskRulesTest {
  private static final Map<String, TaskCommand> COMMANDS = TaskSamples.commands();

  private static Decision<TaskEvent, TaskDirective> decide(TaskState state, TaskCommand command) {
    return TaskRules.decide(state, command, TaskSamples.NOW);
  }

  // ---- phase x command

  /** Situation, then what each command leads to: events / directives; "-" is nothing. */
  private static final String COMMAND_TABLE =
      """
      situation          | Start           | StartAgain      | StartFull | Stop               | GiveUp     | Release         | ProcessStarted | ProcessEnded
      UNKNOWN            | Accepted/Launch | Accepted/Launch | Accepted,Finished | -                  | Tombstoned | -               | -              | -
      ACCEPTED           | -               | Repeated        | -         | StopBegun/StopTree | -          | -               | Started        | Finished
      RUNNING            | -               | Repeated        | -         | StopBegun/StopTree | -          | -               | -              | Finished
      STOPPING-unclaimed | -               | Repeated        | -         | -                  | -          | -               | Started        | Finished
      STOPPING-claimed   | -               | Repeated        | -         | -                  | -          | -               | -              | Finished
      FINISHED           | -               | Repeated        | -         | -                  | -          | Released/Delete | -              | -
      FINISHED-refused   | -               | Repeated        | -         | -                  | -          | Released/Delete | -              | -
      TOMBSTONED         | -               | -               | -         | -                  | -          | Released/Delete | -              | -
      RELEASED           | -               | -               | -         | -                  | -          | -               | -              | -
      RELEASED-tombstone | -               | -               | -         | -                  | -          | -               | -              | -
      """;

  @Test
  void R7_R8_everyPhaseAgainstEveryCommand() {
    List<String[]> rows = rows(COMMAND_TABLE);
    String[] heads = rows.get(0);
    assertThat(Arrays.asList(heads).subList(1, heads.length))
        .containsExactlyElementsOf(COMMANDS.keySet());
    assertThat(rows.stream().skip(1).map(row -> row[0]))
        .containsExactlyElementsOf(TaskSamples.situations().keySet());
    for (String[] row : rows.subList(1, rows.size())) {
      TaskState state = TaskSamples.situations().get(row[0]);
      for (int i = 1; i < row.length; i++) {
        var decision = decide(state, COMMANDS.get(heads[i]));
        String events = names(decision.events());
        String directives = names(decision.directives());
        String actual = events + (directives.isEmpty() ? "" : "/" + directives);
        assertThat(actual.isEmpty() ? "-" : actual)
            .as("%s, %s", row[0], heads[i])
            .isEqualTo(row[i]);
        assertThatCode(() -> TaskSamples.replay(state, decision.events()))
            .doesNotThrowAnyException();
      }
    }
  }

  /** A rebuilt master uses the ids of its predecessor: it must not get what is his. */
  @Test
  void R5_aStartOfAnotherMasterJournalHasNoEffectInAnyPhaseAndIsToldAsRefused() {
    for (var situation : TaskSamples.situations().entrySet()) {
      TaskState state = situation.getValue();
      if (state.phase() == TaskPhase.UNKNOWN) {
        continue;
      }
      var other = new JournalId("rebuilt");
      for (Optional<String> agentSays : List.of(Optional.<String>empty(), Optional.of("full"))) {
        var start =
            new TaskCommand.Start(TaskSamples.SPEC, TaskSamples.SECOND, other, "boot-1", agentSays);
        assertThat(decide(state, start)).as(situation.getKey()).isEqualTo(Decision.none());
      }
      assertThat(TaskRules.refusal(state, other).orElseThrow())
          .as(situation.getKey())
          .contains("former master");
    }
    assertThat(TaskRules.refusal(TaskState.UNKNOWN, TaskSamples.MASTER)).isEmpty();
  }

  @Test
  void R7_aStartOfWhatWasGivenUpOrReleasedIsToldAsRefused() {
    for (TaskState state : TaskSamples.situations().values()) {
      boolean over = state.phase() == TaskPhase.TOMBSTONED || state.phase() == TaskPhase.RELEASED;
      assertThat(TaskRules.refusal(state, TaskSamples.MASTER).isPresent())
          .as("%s", state.phase())
          .isEqualTo(over);
    }
  }

  private static List<String[]> rows(String table) {
    return table
        .lines()
        .map(line -> Arrays.stream(line.split("\\|")).map(String::strip).toArray(String[]::new))
        .toList();
  }

  private static String names(List<?> all) {
    return all.stream().map(one -> one.getClass().getSimpleName()).collect(Collectors.joining(","));
  }

  @Test
  void everyCommandAndEventHasASample() {
    assertThat(COMMANDS.values())
        .extracting(Object::getClass)
        .containsOnly(TaskCommand.class.getPermittedSubclasses());
    assertThat(TaskSamples.events())
        .extracting(Object::getClass)
        .containsOnly(TaskEvent.class.getPermittedSubclasses());
    assertThat(TaskSamples.situations().values())
        .extracting(TaskState::phase)
        .contains(TaskPhase.values());
  }

  @Test
  void everyCommandHasARuleInEveryPhase() {
    for (TaskState state : reachable()) {
      for (TaskCommand command : COMMANDS.values()) {
        assertThatCode(() -> decide(state, command))
            .as("%s in %s", command, state.phase())
            .doesNotThrowAnyException();
      }
    }
  }

  // ---- phase x event

  private static final String EVENT_TABLE =
      """
      phase      | Accepted | Repeated | Started  | StopBegun | Finished | Tombstoned | Released | JournalDamaged
      UNKNOWN    | ACCEPTED | -        | -        | -         | -        | TOMBSTONED | -       | STOPPING
      ACCEPTED   | -        | ACCEPTED | RUNNING  | STOPPING  | FINISHED | -          | -       | STOPPING
      RUNNING    | -        | RUNNING  | -        | STOPPING  | FINISHED | -          | -       | STOPPING
      STOPPING   | -        | STOPPING | STOPPING | -         | FINISHED | -          | -       | STOPPING
      FINISHED   | -        | FINISHED | -        | -         | -        | -          | RELEASED | FINISHED
      TOMBSTONED | -        | -        | -        | -         | -        | -          | RELEASED | TOMBSTONED
      RELEASED   | -        | -        | -        | -         | -        | -          | -       | RELEASED
      """;

  @Test
  void everyPhaseAgainstEveryEvent() {
    List<String[]> rows = rows(EVENT_TABLE);
    assertThat(rows.stream().skip(1).map(row -> row[0]))
        .containsExactly(Arrays.stream(TaskPhase.values()).map(Enum::name).toArray(String[]::new));
    List<TaskEvent> events = TaskSamples.events();
    for (String[] row : rows.subList(1, rows.size())) {
      for (TaskState state : TaskSamples.situations().values()) {
        if (state.phase() != TaskPhase.valueOf(row[0])) {
          continue;
        }
        for (int i = 1; i < row.length; i++) {
          TaskEvent event = events.get(i - 1);
          assertThat(event.getClass().getSimpleName()).isEqualTo(rows.get(0)[i]);
          if (row[i].equals("-")) {
            assertThatThrownBy(() -> TaskRules.evolve(state, event))
                .as("%s after %s", event, row[0])
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(rows.get(0)[i] + " cannot follow " + row[0]);
          } else {
            TaskState next = TaskRules.evolve(state, event);
            assertThat(next.phase()).isEqualTo(TaskPhase.valueOf(row[i]));
            assertThat(next.version()).isGreaterThan(state.version());
            if (event != TaskSamples.DAMAGED) {
              assertThat(next.version()).isEqualTo(state.version() + 1);
            }
          }
        }
      }
    }
  }

  @Test
  void noPhaseHasTwoWaysForOneEvent() {
    assertThat(TaskTransitions.TABLE)
        .extracting(step -> step.from() + " " + step.event().getSimpleName())
        .doesNotHaveDuplicates();
  }

  @Test
  void everyStepOfTheTableIsTakenByTheRules() {
    Set<Step> taken = new HashSet<>();
    for (TaskState state : reachable()) {
      for (TaskCommand command : COMMANDS.values()) {
        TaskState at = state;
        for (TaskEvent event : decide(state, command).events()) {
          TaskState next = TaskRules.evolve(at, event);
          taken.add(new Step(at.phase(), event.getClass(), next.phase()));
          at = next;
        }
      }
    }
    assertThat(taken)
        .as("a step that no command leads to is dead, or a rule for it is missing")
        .containsExactlyInAnyOrderElementsOf(
            TaskTransitions.TABLE.stream()
                // The journal itself has it happen.
                .filter(step -> step.event() != TaskEvent.JournalDamaged.class)
                .toList());
  }

  /** All that commands can make of a task. It is few: nothing happens twice. */
  private static Set<TaskState> reachable() {
    Set<TaskState> seen = new HashSet<>(Set.of(TaskState.UNKNOWN));
    var open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      TaskState state = open.remove();
      for (TaskCommand command : COMMANDS.values()) {
        TaskState next = TaskSamples.replay(state, decide(state, command).events());
        if (seen.add(next)) {
          open.add(next);
        }
      }
    }
    return seen;
  }

  // ---- sequences

  @Provide
  Arbitrary<List<String>> commands() {
    return Arbitraries.of(COMMANDS.keySet()).list().ofMaxSize(25);
  }

  @Property
  void R5_aRepeatedCommandDoesNothingMore(@ForAll("commands") List<String> names) {
    TaskState state = TaskState.UNKNOWN;
    for (String name : names) {
      TaskCommand command = COMMANDS.get(name);
      state = TaskSamples.replay(state, decide(state, command).events());
      assertThat(decide(state, command)).as(name).isEqualTo(Decision.none());
    }
  }

  @Property
  void R8_aTaskIsLaunchedAtMostOnceAndOnlyWhenNothingWasKnownOfIt(
      @ForAll("commands") List<String> names) {
    TaskState state = TaskState.UNKNOWN;
    int launches = 0;
    for (String name : names) {
      var decision = decide(state, COMMANDS.get(name));
      boolean launch =
          decision.directives().stream().anyMatch(TaskDirective.Launch.class::isInstance);
      if (launch) {
        launches++;
        assertThat(state.phase()).isEqualTo(TaskPhase.UNKNOWN);
        assertThat(decision.events()).hasOnlyElementsOfType(TaskEvent.Accepted.class);
      }
      state = TaskSamples.replay(state, decision.events());
      assertThat(TaskRules.outstanding(state))
          .as("a recovery never launches")
          .noneMatch(TaskDirective.Launch.class::isInstance);
    }
    assertThat(launches).isLessThanOrEqualTo(1);
  }

  @Property
  void replayingTheEventsGivesTheSameState(@ForAll("commands") List<String> names) {
    TaskState state = TaskState.UNKNOWN;
    List<TaskEvent> journal = new ArrayList<>();
    int ends = 0;
    for (String name : names) {
      List<TaskEvent> events = decide(state, COMMANDS.get(name)).events();
      journal.addAll(events);
      state = TaskSamples.replay(state, events);
      ends += (int) events.stream().filter(TaskEvent.Finished.class::isInstance).count();
    }
    assertThat(TaskSamples.replay(TaskState.UNKNOWN, journal)).isEqualTo(state);
    assertThat(state.version()).isEqualTo(journal.size());
    assertThat(ends).as("P2: at most one outcome").isLessThanOrEqualTo(1);
    assertThat(state.outcome().isPresent()).isEqualTo(ends == 1);
  }

  @ParameterizedTest
  @CsvSource({"FINISHED", "FINISHED-refused", "TOMBSTONED", "RELEASED", "RELEASED-tombstone"})
  void R7_whatIsOverNeverStarts(String situation) {
    TaskState state = TaskSamples.situations().get(situation);
    for (TaskCommand command : COMMANDS.values()) {
      var decision = decide(state, command);
      assertThat(decision.directives()).noneMatch(TaskDirective.Launch.class::isInstance);
      assertThat(TaskSamples.replay(state, decision.events()).phase().mayBeAlive()).isFalse();
    }
  }

  @Test
  void R9_aClaimThatCrossesAStopIsRecordedAndStillStopped() {
    TaskState stopping = TaskSamples.after("Start", "Stop");
    TaskState claimed = TaskSamples.after("Start", "Stop", "ProcessStarted");
    assertThat(stopping.process()).isEmpty();
    assertThat(claimed.process()).contains(TaskSamples.PROCESS);
    assertThat(claimed.phase()).isEqualTo(TaskPhase.STOPPING);
    assertThat(TaskRules.outstanding(claimed))
        .containsExactly(new TaskDirective.StopTree(StopReason.CANCELLED));
  }

  @Test
  void R11_theFirstReasonToStopStands() {
    TaskState stopping = TaskSamples.after("Start", "Stop");
    assertThat(decide(stopping, new TaskCommand.Stop(StopReason.LEASE_OVER)))
        .isEqualTo(Decision.none());
    assertThat(stopping.stopReason()).contains(StopReason.CANCELLED);
  }

  @Test
  void R5_requestsAreRememberedUpToABound() {
    TaskState state = TaskSamples.after("Start");
    for (int n = 2; n <= TaskRules.MAX_REQUESTS + 50; n++) {
      var start =
          new TaskCommand.Start(
              TaskSamples.SPEC,
              TaskSamples.EXECUTION.request(n),
              TaskSamples.MASTER,
              "boot-1",
              Optional.empty());
      state = TaskSamples.replay(state, decide(state, start).events());
    }
    assertThat(state.requests()).hasSize(TaskRules.MAX_REQUESTS).doesNotHaveDuplicates();
    assertThat(state.phase()).isEqualTo(TaskPhase.ACCEPTED);
  }

  // ---- after a recovery

  @ParameterizedTest
  @CsvSource({
    "UNKNOWN, ''",
    "ACCEPTED, Adopt",
    "RUNNING, Adopt",
    "STOPPING-unclaimed, StopTree",
    "STOPPING-claimed, StopTree",
    "FINISHED, ''",
    "FINISHED-refused, ''",
    "TOMBSTONED, ''",
    "RELEASED, Delete",
    "RELEASED-tombstone, Delete",
    "STOPPING-damaged, EndAll",
    "STOPPING-damaged-unknown, EndAll",
    "FINISHED-damaged, ''"
  })
  void R9_R10_whatIsOutstandingAfterARecovery(String situation, String directives) {
    Map<String, TaskState> all = new HashMap<>(TaskSamples.situations());
    all.putAll(TaskSamples.damaged());
    assertThat(names(TaskRules.outstanding(all.get(situation)))).isEqualTo(directives);
  }

  // ---- a part of the journal is lost

  @Test
  void R9_aDamagedJournalNeverLaunchesAndEndsAllThatIsNotOver() {
    for (var situation : TaskSamples.situations().entrySet()) {
      TaskState before = situation.getValue();
      TaskState damaged = TaskRules.evolve(before, TaskSamples.DAMAGED);
      boolean isOver = !before.phase().mayBeAlive() && before.phase() != TaskPhase.UNKNOWN;
      assertThat(damaged.phase())
          .as(situation.getKey())
          .isEqualTo(isOver ? before.phase() : TaskPhase.STOPPING);
      assertThat(damaged.end()).isEqualTo(before.end());
      for (TaskCommand command : COMMANDS.values()) {
        assertThat(decide(damaged, command).directives())
            .as("%s after %s", command, situation.getKey())
            .noneMatch(
                directive ->
                    directive instanceof TaskDirective.Launch
                        || directive instanceof TaskDirective.Adopt);
      }
    }
  }

  @Test
  void R5_whatIsNumberedAfterADamageIsNews() {
    TaskState damaged = TaskRules.evolve(TaskSamples.after("Start"), TaskSamples.DAMAGED);
    assertThat(damaged.version()).isEqualTo(1_000_000);
    var end = new TaskCommand.ProcessEnded(TaskRules.JOURNAL_DAMAGED, 3, 0, Optional.empty());
    TaskState ended = TaskSamples.replay(damaged, decide(damaged, end).events());
    assertThat(ended.version()).isEqualTo(1_000_001);
    assertThat(ended.outcome()).contains(new Outcome.Vanished("journal damaged"));
    assertThat(TaskRules.outstanding(ended)).isEmpty();
    assertThat(decide(ended, new TaskCommand.Release()).directives())
        .containsExactly(new TaskDirective.Delete());
  }
}
