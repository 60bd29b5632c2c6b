package io.holdfast.master.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.job.OnLost;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.wire.TaskCall;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LaterProgressTest {
  private final LaterProgress later = new LaterProgress();
  private JobState state = begun();

  private static JobState begun() {
    JobState state = Jobs.defined(Jobs.onGroup(OnLost.ERROR));
    var decision = RunRules.decide(state, Jobs.request(), Jobs.fleet(true, true), Jobs.NOW);
    for (JobEvent event : decision.events()) {
      state = state.evolve(event);
    }
    return state;
  }

  private TaskCall progress(long number) {
    TaskCall call =
        new TaskCall(
            Jobs.execution(1, 1),
            new TaskCall.Id(new Incarnation("i-1"), number),
            new TaskCall.Progress((int) number, ""),
            Optional.empty());
    TaskCallRules.Verdict verdict = TaskCallRules.decide(state, call, Jobs.ONE, Jobs.NOW);
    verdict.events().forEach(event -> state = state.evolve(event));
    later.heard(call, verdict.later());
    return call;
  }

  @Test
  void theNewestIsTakenWhenItIsTime() {
    progress(1);
    TaskCall second = progress(2);
    progress(3);
    assertThat(later.isOlder(second)).isTrue();
    assertThat(later.takeDue(state, Jobs.NOW)).isEmpty();

    List<JobEvent> due = later.takeDue(state, Jobs.NOW.plus(TaskCallRules.PROGRESS_AFTER));
    assertThat(due).singleElement().extracting("percent").isEqualTo(3);
    assertThat(later.takeDue(state, Jobs.NOW.plusSeconds(60))).isEmpty();
  }

  @Test
  void theNewestIsTakenBeforeTheEnd() {
    progress(1);
    progress(2);
    assertThat(later.takeLast(state, Jobs.execution(1, 1)))
        .singleElement()
        .extracting("percent")
        .isEqualTo(2);
    assertThat(later.takeLast(state, Jobs.execution(1, 1))).isEmpty();
  }
}
