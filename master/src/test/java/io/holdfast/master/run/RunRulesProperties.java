package io.holdfast.master.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.StoredStates;
import io.holdfast.master.job.OnLost;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** P1 and P2 at the place that decides, whatever comes in whatever order and however often. */
class RunRulesProperties {
  /** A command, and the agents that are connected when it comes. */
  record Step(JobCommand command, boolean one, boolean two) {}

  /** What a reader of the journal alone can say. */
  private static final class Ledger {
    final Set<ExecutionId> alive = new LinkedHashSet<>();
    final Set<ExecutionId> ended = new HashSet<>();
    final Set<RunId> runsEnded = new HashSet<>();
    final Set<ExecutionId> begun = new HashSet<>();
    final Set<ExecutionId> amended = new HashSet<>();
    long newestRun;
    long newestToken;

    void note(JobEvent event) {
      if (event instanceof JobEvent.RunRequested asked) {
        assertThat(asked.run().number()).isEqualTo(newestRun + 1);
        newestRun++;
      } else if (event instanceof JobEvent.ExecutionBegun e) {
        assertThat(begun.add(e.execution())).as("%s began once", e.execution()).isTrue();
        assertThat(alive).as("alive when %s begins", e.execution()).isEmpty();
        assertThat(runsEnded).doesNotContain(e.execution().run());
        assertThat(e.token().value()).isGreaterThan(newestToken);
        newestToken = e.token().value();
        alive.add(e.execution());
      } else if (event instanceof JobEvent.ExecutionEnded e) {
        assertThat(begun).contains(e.execution());
        assertThat(ended.add(e.execution())).as("%s: one outcome", e.execution()).isTrue();
        alive.remove(e.execution());
      } else if (event instanceof JobEvent.RunEnded e) {
        assertThat(runsEnded.add(e.run())).as("%s: one result", e.run()).isTrue();
        assertThat(alive).noneMatch(execution -> execution.run().equals(e.run()));
      } else if (event instanceof JobEvent.ExecutionAmended e) {
        assertThat(ended).contains(e.execution());
        assertThat(amended.add(e.execution())).isTrue();
      }
    }
  }

  @Property(tries = 400)
  void p1NeverTwoOpenExecutionsOfAJobWhateverTheCommands(
      @ForAll("sequences") List<Step> steps, @ForAll OnLost first) {
    JobState state = Jobs.defined(Jobs.onGroup(first));
    JobState replayed = state;
    Ledger ledger = new Ledger();
    for (Step step : steps) {
      Fleet fleet = Jobs.fleet(step.one(), step.two());
      Decision<JobEvent, JobDirective> decision =
          RunRules.decide(state, step.command(), fleet, Jobs.NOW);
      for (JobEvent event : decision.events()) {
        ledger.note(event);
        state = state.evolve(event);
        replayed = replayed.evolve(event);
      }
      assertThat(replayed).isEqualTo(state);
      assertThat(ledger.alive).hasSizeLessThanOrEqualTo(1);
      for (JobDirective directive : decision.directives()) {
        assertThat(ledger.alive).contains(directive.execution());
      }
      assertThat(RunRules.outstanding(state)).containsAll(decision.directives());
      if (isIdempotent(step.command()) && !foretold(step.command(), decision.events())) {
        assertThat(RunRules.decide(state, step.command(), fleet, Jobs.NOW).events())
            .as("%s again", step.command())
            .isEmpty();
      }
    }
    p2EveryRunEnds(StoredStates.stored(state), ledger);
  }

  /** Whether the outcome came before the execution began: what no link can say. */
  private static boolean foretold(JobCommand command, List<JobEvent> events) {
    JobCommand end = command instanceof JobCommand.Amend amend ? amend.verdict() : command;
    return end instanceof JobCommand.End of
        && events.stream()
            .anyMatch(
                event ->
                    event instanceof JobEvent.ExecutionBegun begun
                        && begun.execution().equals(of.execution()));
  }

  /** P2: once everything is answered, nothing promised is left without a result. */
  private static void p2EveryRunEnds(JobState last, Ledger ledger) {
    JobState state = last;
    Fleet fleet = Jobs.fleet(true, true);
    JobCommand next = new JobCommand.Proceed();
    for (int i = 0; i < 1000 && !state.open().isEmpty(); i++) {
      for (JobEvent event : RunRules.decide(state, next, fleet, Jobs.NOW).events()) {
        ledger.note(event);
        state = state.evolve(event);
      }
      if (!ledger.alive.isEmpty()) {
        next = Jobs.end(ledger.alive.iterator().next(), Jobs.SUCCESS);
      }
    }
    assertThat(state.open()).isEmpty();
    assertThat(ledger.runsEnded).hasSize((int) ledger.newestRun);
    assertThat(ledger.ended).isEqualTo(ledger.begun);
  }

  private static boolean isIdempotent(JobCommand command) {
    return !(command instanceof JobCommand.RequestRun asked && asked.requestId().isEmpty());
  }

  @Provide
  Arbitrary<List<Step>> sequences() {
    Arbitrary<ExecutionId> executions =
        Combinators.combine(Arbitraries.longs().between(1, 8), Arbitraries.integers().between(1, 3))
            .as(Jobs::execution);
    Arbitrary<Outcome> outcomes =
        Arbitraries.of(
            Jobs.SUCCESS,
            Jobs.FAILURE,
            Jobs.LOST,
            new Outcome.Stopped(StopReason.LEASE_OVER),
            new Outcome.Stopped(StopReason.CANCELLED),
            new Outcome.NeverStarted("given up"));
    Arbitrary<JobCommand.End> ends = Combinators.combine(executions, outcomes).as(Jobs::end);
    Arbitrary<JobCommand> commands =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.just(Jobs.request())),
            Tuple.of(1, Arbitraries.of("r1", "r2", "r3").map(Jobs::request)),
            Tuple.of(
                1,
                Arbitraries.longs()
                    .between(1, 8)
                    .map(run -> new JobCommand.Cancel(Jobs.run(run), "enough"))),
            Tuple.of(6, ends),
            Tuple.of(
                1,
                executions.map(id -> new JobCommand.Amend(Jobs.end(id, Jobs.LOST), Jobs.FAILURE))),
            Tuple.of(1, Arbitraries.just(new JobCommand.Proceed())),
            Tuple.of(
                1, Arbitraries.of(OnLost.class).map(o -> new JobCommand.Define(Jobs.onGroup(o)))));
    Arbitrary<Boolean> mostlyConnected = Arbitraries.of(true, true, true, false);
    return Combinators.combine(commands, mostlyConnected, mostlyConnected)
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }
}
