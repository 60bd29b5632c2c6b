package io.holdfast.protocol.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JobName;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an agent remembers of a master's numbering, so that none is used twice. */
class UsedNumbersTest {
  private static final JobName TICK = new JobName("tick");

  private static UsedNumbers plus(UsedNumbers used, String execution, long token) {
    return used.plus(ExecutionId.parse(execution), Optional.of(new FencingToken(token)));
  }

  private static UsedNumbers.Mark mark(long run, long token) {
    return new UsedNumbers.Mark(run, new FencingToken(token));
  }

  @Test
  void theHighestOfEachNumberIsKeptByJob() {
    UsedNumbers used = plus(plus(UsedNumbers.NONE, "tick#5.1", 9), "tick#3.2", 11);
    used = plus(used, "tock#1.1", 1);
    assertThat(used.of(TICK)).isEqualTo(mark(5, 11));
    assertThat(used.of(new JobName("tock"))).isEqualTo(mark(1, 1));
    assertThat(used.of(new JobName("never-seen"))).isEqualTo(UsedNumbers.Mark.NOTHING);
  }

  @Test
  void whatSaysNothingNewChangesNothing() {
    UsedNumbers used = plus(UsedNumbers.NONE, "tick#5.1", 9);
    assertThat(plus(used, "tick#4.1", 8)).isSameAs(used);
    assertThat(plus(used, "tick#5.1", 9)).isSameAs(used);
    assertThat(used.plus(ExecutionId.parse("tick#5.2"), Optional.empty())).isSameAs(used);
  }

  @Test
  void anExecutionThatBeganLaterIsNotCovered() {
    UsedNumbers used = plus(UsedNumbers.NONE, "tick#5.1", 9);
    assertThat(used.of(TICK).covers(new FencingToken(9))).isTrue();
    assertThat(used.of(TICK).covers(new FencingToken(3))).isTrue();
    assertThat(used.of(TICK).covers(new FencingToken(10))).as("a second try of run 5").isFalse();
  }

  @Test
  void jobsBeyondTheBoundShareAFloorThatIsNeverTooLow() {
    Map<String, UsedNumbers.Mark> full = new TreeMap<>();
    for (int n = 0; n < UsedNumbers.MOST_JOBS; n++) {
      full.put("job-" + n, mark(2, 2));
    }
    UsedNumbers used = new UsedNumbers(new TreeMap<>(full), UsedNumbers.Mark.NOTHING);
    used = plus(plus(used, "one-more#7.1", 3), "another#4.1", 6);
    assertThat(used.jobs()).hasSize(UsedNumbers.MOST_JOBS);
    assertThat(used.floor()).isEqualTo(mark(7, 6));
    assertThat(used.of(new JobName("one-more"))).isEqualTo(mark(7, 6));
    assertThat(used.of(new JobName("job-1"))).isEqualTo(mark(7, 6));
    assertThat(plus(used, "job-1#9.1", 9).of(new JobName("job-1"))).isEqualTo(mark(9, 9));
  }
}
