package io.holdfast.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.demo.Proof.Noted;
import io.holdfast.demo.Proof.Recorded;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProofTest {
  private static final Recorded RECORDED = new Recorded("tick#1.1", 0, "exited 0", "tick\n");
  private static final Noted NOTED = new Noted(1, List.of(0), "tick\n");

  @Test
  void holdsWhenTheHistoryIsWhatTheJobsNoted() {
    Proof proof = proof(RECORDED, NOTED);
    assertThat(proof.mismatches()).isEmpty();
    assertThat(proof.holds()).isTrue();
    assertThat(proof.words())
        .isEqualTo(
            "executions promised 1, started exactly once 1, ended as recorded 1, "
                + "output bytes at the tasks 5, at the master 5");
  }

  @Test
  void findsWhatNeverStarted() {
    Proof proof = Proof.of(List.of("tick#1"), List.of(RECORDED), Map.of());
    assertThat(proof.startedOnce()).isZero();
    assertThat(proof.endedAsRecorded()).isZero();
    assertThat(proof.mismatches())
        .containsExactly(
            "tick#1.1 started 0 times, not once",
            "tick#1.1 ended by its own notes never; the master has: exited 0",
            "tick#1.1 wrote 0 bytes of output, the master has 5");
  }

  @Test
  void findsADoubleStart() {
    Proof proof = proof(RECORDED, new Noted(2, List.of(0, 0), "tick\n"));
    assertThat(proof.startedOnce()).isZero();
    assertThat(proof.mismatches())
        .containsExactly(
            "tick#1.1 started 2 times, not once",
            "tick#1.1 ended by its own notes 2 times; the master has: exited 0");
  }

  @Test
  void findsAnotherOutcome() {
    assertThat(proof(RECORDED, new Noted(1, List.of(3), "tick\n")).mismatches())
        .containsExactly("tick#1.1 ended by its own notes with code 3; the master has: exited 0");
    Recorded lost = new Recorded("tick#1.1", -1, "lost", "tick\n");
    assertThat(proof(lost, NOTED).mismatches())
        .containsExactly("tick#1.1 ended by its own notes with code 0; the master has: lost");
  }

  @Test
  void findsMissingAndOtherBytes() {
    Proof missing = proof(RECORDED, new Noted(1, List.of(0), "tick\ntock\n"));
    assertThat(missing.taskBytes()).isEqualTo(10);
    assertThat(missing.masterBytes()).isEqualTo(5);
    assertThat(missing.mismatches())
        .containsExactly("tick#1.1 wrote 10 bytes of output, the master has 5");
    assertThat(proof(RECORDED, new Noted(1, List.of(0), "tack\n")).mismatches())
        .containsExactly("tick#1.1 wrote 5 bytes of output, the master has 5, but others");
  }

  @Test
  void findsAPromiseWithoutAnExecutionAndAnExecutionWithoutAPromise() {
    Proof proof =
        Proof.of(
            List.of("tick#1", "tock#1"),
            List.of(RECORDED),
            Map.of("tick#1.1", NOTED, "x#1.1", NOTED));
    assertThat(proof.promised()).isEqualTo(2);
    assertThat(proof.mismatches())
        .containsExactly(
            "tock#1 was promised and has no execution",
            "x#1.1 ran, and the master has no record of it");
  }

  private static Proof proof(Recorded recorded, Noted noted) {
    return Proof.of(List.of("tick#1"), List.of(recorded), Map.of("tick#1.1", noted));
  }
}
