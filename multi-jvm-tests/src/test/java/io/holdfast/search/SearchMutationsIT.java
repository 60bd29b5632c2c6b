package io.holdfast.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.guarantees.MutationTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The search itself is on trial here: it must find what each wrong rule breaks. */
class SearchMutationsIT {
  private static final long MOST = 4_000_000;
  private static final List<MutationTable.Row> ROWS = new ArrayList<>();

  static Stream<Mutation> mutations() {
    return Stream.of(
            LeaseMutations.all(),
            DeadlineMutations.all(),
            ProcessMutations.all(),
            TaskMutations.all(),
            LinkMutations.all(),
            JobMutations.all())
        .flatMap(List::stream);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mutations")
  void aWrongRuleIsFoundOut(Mutation mutation) {
    // One thread: which of two violations is found first must not be chance.
    Search.Result result = Search.run(mutation.rules(), mutation.bounds(), MOST, 1);

    assertThat(result.counterexample())
        .as("%s went unnoticed in %,d states", mutation, result.states())
        .isPresent();
    Search.Counterexample found = result.counterexample().get();
    System.out.printf("%n%s: %,d states%n%s%n", mutation, result.states(), found);
    assertThat(found.invariant()).isEqualTo(mutation.invariant());
    ROWS.add(
        new MutationTable.Row(
            mutation.name(),
            mutation.rule(),
            found.invariant(),
            result.states(),
            MutationTable.Effort.STATES,
            result.seconds()));
  }

  @AfterAll
  static void settle() {
    MutationTable.settle("search", ROWS);
  }
}
