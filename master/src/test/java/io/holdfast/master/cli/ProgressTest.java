package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How far a long command is, by a clock of the test's. */
class ProgressTest {
  private static final int STEPS = 1_024;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Near the end of its range, as a clock without a beginning may be. */
  private long now = Long.MAX_VALUE - Duration.ofMillis(500).toNanos();

  private Progress progress(boolean isTerminal, long total) {
    CliIo io =
        new CliIo(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            InputStream.nullInputStream(),
            Map.of(),
            false,
            false,
            isTerminal,
            ZoneOffset.UTC,
            CliIo.Patience.DEFAULT);
    return new Progress(io, "events", total, () -> now);
  }

  private String shown() {
    String shown = err.toString(StandardCharsets.UTF_8);
    err.reset();
    return shown;
  }

  private void goOn(Progress progress, Duration later) {
    now += later.toNanos();
    for (int n = 0; n < STEPS; n++) {
      progress.run();
    }
  }

  @Test
  void showsNothingInTheFirstSecondThenABarWhichItTakesAwayAtTheEnd() {
    Progress progress = progress(true, 4 * STEPS);
    goOn(progress, Duration.ZERO);
    goOn(progress, Duration.ofMillis(999));
    assertThat(shown()).isEmpty();

    goOn(progress, Duration.ofMillis(1));
    // It looks at the clock now and then; this is the first time.
    assertThat(shown()).isEqualTo("\r" + Progress.line(2 * STEPS + 256, 4 * STEPS, "events"));
    goOn(progress, Duration.ofMillis(199));
    assertThat(shown()).isEmpty();
    goOn(progress, Duration.ofMillis(1));
    assertThat(shown()).isEqualTo("\r" + Progress.line(4 * STEPS + 256, 4 * STEPS, "events"));

    progress.close();
    assertThat(shown()).isEqualTo("\r\u001b[K");
    assertThat(out.size()).isZero();
  }

  @Test
  void leavesNothingBehindWhereItHasShownNothing() {
    Progress progress = progress(true, 0);
    goOn(progress, Duration.ofMillis(999));
    progress.close();
    assertThat(shown()).isEmpty();
  }

  @Test
  void showsNothingWithoutATerminal() {
    Progress progress = progress(false, STEPS);
    goOn(progress, Duration.ofHours(1));
    goOn(progress, Duration.ofHours(1));
    progress.close();
    assertThat(shown()).isEmpty();
    assertThat(out.size()).isZero();
  }

  @Test
  void onceTheCommandSpeaksNothingIsShownAnyMore() {
    Progress progress = progress(true, 0);
    goOn(progress, Duration.ofSeconds(2));
    progress.close();
    assertThat(shown()).endsWith("\r\u001b[K");
    goOn(progress, Duration.ofSeconds(2));
    progress.close();
    assertThat(shown()).isEmpty();
  }
}
