package io.holdfast.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.harness.EffectLedger.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class EffectLedgerTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path folder;
  private EffectLedger ledger;

  @BeforeEach
  void create() {
    ledger = new EffectLedger(folder.resolve("it's a folder"), "the test");
  }

  @AfterEach
  void endAll() {
    ProcessTable.killAll(() -> ProcessTable.workingIn(folder));
  }

  @Test
  void anExecutionNotesItsStartItsEndAndItsCode() throws Exception {
    long before = EffectLedger.uptimeCentis();
    Process process = execute("tick#1.1", "echo hello; exit 7");
    assertThat(process.waitFor()).isEqualTo(7);
    assertThat(
            new String(
                process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("hello\n");
    assertThat(ledger.awaitStart("tick#1.1", SOON)).isEqualTo(process.pid());
    assertThat(ledger.awaitEnd("tick#1.1", SOON)).isEqualTo(7);
    assertThat(ledger.entries())
        .extracting(EffectLedger.Entry::kind)
        .containsExactly(Kind.START, Kind.LOCKED, Kind.END);
    assertThat(ledger.entries())
        .allMatch(
            entry ->
                entry.uptimeCentis() >= before
                    && entry.uptimeCentis() <= EffectLedger.uptimeCentis());
    ledger.assertExecutedOnce("tick#1.1");
    ledger.assertNoOverlap("tick", Map.of());
  }

  @Test
  void aKilledExecutionHasNoEndAndTheNextLockProvesItDead() throws Exception {
    Process first = execute("tick#1.1", "exec sleep 300");
    ledger.awaitStart("tick#1.1", SOON);
    ProcessTable.killAll(() -> ProcessTable.withEnvironment("HOLDFAST_EXECUTION", "tick#1.1"));
    assertThat(first.waitFor()).isNotZero();
    assertThat(execute("tick#1.2", "true").waitFor()).isZero();
    assertThat(ledger.ends("tick#1.1")).isZero();
    assertThat(ledger.executions("tick")).containsExactly("tick#1.1", "tick#1.2");
    ledger.assertNoOverlap("tick", Map.of());
  }

  @Test
  void whatIsKilledAtOnceWritesDownNoEnd() throws Exception {
    for (int round = 1; round <= 20; round++) {
      String execution = "tick#" + round + ".1";
      // The body runs in a subshell, whose parent would write its end down.
      Process process = execute(execution, "while :; do sleep 0.01; done");
      ledger.awaitStart(execution, SOON);
      ProcessTable.killAtOnce(() -> ProcessTable.withEnvironment("HOLDFAST_EXECUTION", execution));
      assertThat(process.waitFor()).isNotZero();
      assertThat(ledger.ends(execution)).isZero();
    }
  }

  @Test
  void aDescendantThatNobodyStoppedIsAnOverlap() throws Exception {
    assertThat(execute("tick#1.1", "sleep 300 > /dev/null 2>&1 &").waitFor()).isZero();
    assertThat(execute("tick#1.2", "true").waitFor()).isZero();
    assertThat(execute("tock#1.1", "true").waitFor()).isZero();
    assertThat(ledger.executionsOverlapping()).containsExactly("tick#1.2");
    assertThat(ledger.overlaps("tick")).hasSize(1);
    assertThat(ledger.overlaps("tock")).isEmpty();
    assertThatThrownBy(() -> ledger.assertNoOverlap("tick", Map.of()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the lock was held");
  }

  @Test
  void timesAloneShowAnOverlap() throws IOException {
    write("start a#1.1 100 1", "start a#1.2 150 2", "end a#1.1 200 0", "end a#1.2 300 0");
    assertThat(ledger.overlaps("a"))
        .extracting(EffectLedger.Overlap::later)
        .containsExactly("a#1.2");
    write("start a#1.1 100 1", "end a#1.1 200 0", "start a#1.2 200 2", "end a#1.2 300 0");
    assertThat(ledger.overlaps("a")).isEmpty();
  }

  @Test
  void anExecutionWithoutAnEndLivesUntilItsDeathIsToldOrProven() throws IOException {
    write("start a#1.1 100 1", "start a#1.2 150 2", "end a#1.2 300 0");
    assertThat(ledger.overlaps("a"))
        .extracting(EffectLedger.Overlap::earlier)
        .containsExactly("a#1.1");
    assertThat(ledger.overlaps("a", Map.of("a#1.1", 160L))).hasSize(1);
    assertThat(ledger.overlaps("a", Map.of("a#1.1", 149L))).isEmpty();
    write(
        "start a#1.1 100 1",
        "locked a#1.1 100",
        "start a#1.2 150 2",
        "locked a#1.2 150",
        "end a#1.2 300 0");
    assertThat(ledger.overlaps("a")).isEmpty();
  }

  @Test
  void twoThatAreStillAliveOverlapAlsoOfOneExecution() throws IOException {
    write("start a#1.1 100 1", "start a#1.2 150 2");
    assertThat(ledger.overlaps("a")).hasSize(1);
    write("start a#1.1 100 1", "locked a#1.1 100", "start a#1.1 120 2", "overlap a#1.1 120");
    assertThat(ledger.overlaps("a")).hasSize(2);
  }

  @Test
  void anExecutionThatBeganTwiceIsNotExecutedOnce() throws IOException {
    write("start a#1.1 100 1", "end a#1.1 110 0", "start a#1.1 120 2", "end a#1.1 130 0");
    assertThat(ledger.starts("a#1.1")).isEqualTo(2);
    assertThatThrownBy(() -> ledger.assertExecutedOnce("a#1.1"))
        .hasMessageContaining("began 2 times");
    assertThatThrownBy(() -> ledger.assertExecutedOnce("b#1.1"))
        .hasMessageContaining("began 0 times");
  }

  @Test
  void aLineThatIsStillBeingWrittenWaitsAndOneThatIsWrongIsNamed() throws IOException {
    Files.writeString(ledger.file(), "start a#1.1 100 1\nend a#1.1 11");
    assertThat(ledger.entries()).hasSize(1);
    write("start a#1.1 100 1", "begin a#1.1 100");
    assertThatThrownBy(ledger::entries)
        .hasMessageContaining("line 2")
        .hasMessageContaining("begin a#1.1 100");
  }

  private void write(String... lines) throws IOException {
    Files.writeString(ledger.file(), String.join("\n", lines) + "\n");
  }

  private Process execute(String execution, String body) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", ledger.script(body)).directory(folder.toFile());
    builder.environment().put("HOLDFAST_EXECUTION", execution);
    return builder.start();
  }
}
