package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that writes is killed at random points: what it acknowledged is there afterwards. */
class JournalKillTest {
  private static final int IDS = 8;
  private static final int LIVES = 4;

  private final JournalFixture fixture = new JournalFixture();
  private Process writer;

  @TempDir Path directory;

  @AfterEach
  void end() throws InterruptedException {
    if (writer != null) {
      writer.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }
    fixture.close();
  }

  /** Writes to several ids at once, and prints each number after it was acknowledged. */
  static final class Writer {
    public static void main(String[] arguments) {
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      JournalFixture fixture = new JournalFixture();
      JournalStore journal = fixture.open(Path.of(arguments[0]), Flavour.valueOf(arguments[1]));
      for (int i = 0; i < IDS; i++) {
        String id = "id-" + i;
        new Thread(() -> writeForEver(journal, id, out)).start();
      }
    }

    private static void writeForEver(JournalStore journal, String id, PrintStream out) {
      for (long n = await(journal.highestSequenceNr(id)) + 1; ; n++) {
        write(journal, id, n, n);
        out.println(id + " " + n);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void everyAcknowledgedEventOfAKilledProcessIsThere(Flavour flavour) throws Exception {
    // Where in its work the process is killed is up to the machine; this is only how far it gets.
    Random random = new Random(7);
    Map<String, Long> acknowledged = new HashMap<>();
    for (int life = 0; life < LIVES; life++) {
      start(flavour);
      int most = 1 + random.nextInt(400);
      try (BufferedReader out = writer.inputReader(StandardCharsets.UTF_8)) {
        for (int n = 0; n < most; n++) {
          note(out.readLine(), acknowledged);
        }
        // By its handle: the other way closes the pipe, and what was acknowledged with it.
        assertThat(writer.toHandle().destroyForcibly()).isTrue();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          note(line, acknowledged);
        }
      }
      assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(JournalCheck.of(directory).damages()).isEmpty();
    }

    JournalStore journal = fixture.open(directory, flavour);
    assertThat(acknowledged).hasSize(IDS);
    acknowledged.forEach(
        (id, number) -> {
          long highest = await(journal.highestSequenceNr(id));
          assertThat(highest).as(id).isBetween(number, number + LIVES);
          assertThat(replay(journal, id)).isEqualTo(payloads(id, 1, highest));
        });
  }

  private void start(Flavour flavour) throws IOException {
    writer =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Writer.class.getName(),
                    directory.toString(),
                    flavour.name()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
  }

  /** A line that was cut off by the end is none. */
  private static void note(String line, Map<String, Long> acknowledged) {
    assertThat(line).as("the writer ended by itself").isNotNull();
    if (line.matches("id-\\d \\d+")) {
      acknowledged.merge(line.substring(0, 4), Long.parseLong(line.substring(5)), Math::max);
    }
  }
}
