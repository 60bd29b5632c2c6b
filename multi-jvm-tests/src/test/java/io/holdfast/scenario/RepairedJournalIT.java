package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.assertOutcome;
import static io.holdfast.scenario.Scenarios.awaitNothingAlive;
import static io.holdfast.scenario.Scenarios.eventually;
import static io.holdfast.scenario.Scenarios.last;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.JvmLaunch;
import io.holdfast.harness.JvmProcess;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Node;
import io.holdfast.harness.Program;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A disk damages the journal of a program that is stopped; an operator repairs it, and master and
 * agent go on: what ran ends once, and nothing runs twice.
 */
final class RepairedJournalIT extends SharedSystem {
  private static final String AGENT = "agent-1";

  RepairedJournalIT() {
    super(LocalSystem.named("repaired").timing(LONG_LEASE));
  }

  @Test
  void R11_aTaskWhoseJournalIsCutIsEndedAndHasVanished() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "agent-cut", "agent: " + AGENT);
          String run = job.running();
          system.agent().kill9();
          damage(system.agent(), "task|main|" + run + ".1");
          assertThat(repair(system, system.agent()))
              .contains("cut 'task|main|" + run + ".1'")
              .contains("vanished");
          system.agent().start();

          JsonNode ended = system.client().awaitRun(run, AT_MOST);
          assertOutcome(last(ended).path("outcome"), "vanished", "why", "journal damaged");
          awaitNothingAlive(system, run + ".1");
          byte[] said = job.said(run + ".1");
          assertThat(
                  system.client().awaitCompleteLogs(run + ".1", "stdout", AT_MOST).bytes().length)
              .as("its output is delivered")
              .isPositive()
              .isLessThanOrEqualTo(said.length);

          String next = job.running();
          job.end();
          job.assertCompleteAndOnce(next);
          system.ledger().assertNoOverlap("agent-cut", Map.of());
        });
  }

  @Test
  void P2_aMasterWhoseJournalIsCutTakesOverWhatItsAgentHas() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "master-cut", "agent: " + AGENT);
          String run = job.running();
          system.master().kill9();
          damage(system.master(), "job-execution-begun/1");
          assertThat(repair(system, system.master()))
              .contains("cut 'job|")
              .contains("confirm-lost");
          system.master().start();

          // Whatever is readable of link and job: it is the same execution, and goes on.
          job.awaitTalk(run + ".1");
          eventually().until(() -> isKnown(system, run));
          job.end();
          job.assertCompleteAndOnce(run);

          eventually().until(() -> !system.client().job("master-cut").has("notice"));
          String next = system.client().startRun("master-cut").path("id").asText();
          assertThat(next).isNotEqualTo(run);
          job.assertCompleteAndOnce(next);
          system.ledger().assertNoOverlap("master-cut", Map.of());
        });
  }

  private static boolean isKnown(LocalSystem system, String run) {
    try {
      return !system.client().run(run).path("executions").isEmpty();
    } catch (RuntimeException notYet) {
      return false;
    }
  }

  /**
   * Changes one byte of the newest log of the journal, right behind these words, and one of the
   * entry beside it that holds the same commit.
   */
  private static void damage(Node node, String words) throws IOException {
    byte[] sought = words.getBytes(StandardCharsets.US_ASCII);
    Path journal = node.data().resolve("journal");
    boolean isFound = damageEntry(journal.resolve("high-water"), sought);
    try (Stream<Path> files = Files.list(journal)) {
      List<Path> logs = files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
      Path log = logs.get(logs.size() - 1);
      byte[] bytes = Files.readAllBytes(log);
      int at = lastIndexOf(bytes, sought);
      if (at >= 0) {
        bytes[at + sought.length] ^= 1;
        Files.write(log, bytes);
        isFound = true;
      }
    }
    assertThat(isFound).as("'%s' is in %s", words, journal).isTrue();
  }

  /**
   * The entries have 4,096 bytes: eight sectors, with the commit and a byte before and four bytes
   * behind the content. The last byte of the oldest one is changed that holds the words.
   */
  private static boolean damageEntry(Path file, byte[] sought) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int oldest = -1;
    for (int entry = 0; entry < bytes.length; entry += 4096) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      for (int sector = entry; sector < entry + 4096; sector += 512) {
        content.write(bytes, sector + 9, 499);
      }
      boolean holds = lastIndexOf(content.toByteArray(), sought) >= 0;
      if (holds && (oldest < 0 || commit(bytes, entry) < commit(bytes, oldest))) {
        oldest = entry;
      }
    }
    if (oldest >= 0) {
      int at = oldest + 4096 - 5;
      while (bytes[at] == 0 || at % 512 < 9 || at % 512 >= 508) {
        at--;
      }
      bytes[at] ^= 1;
      Files.write(file, bytes);
    }
    return oldest >= 0;
  }

  private static long commit(byte[] bytes, int entry) {
    return ByteBuffer.wrap(bytes).getLong(entry);
  }

  private static int lastIndexOf(byte[] bytes, byte[] sought) {
    int at = bytes.length - sought.length - 1;
    while (at >= 0 && !Arrays.equals(bytes, at, at + sought.length, sought, 0, sought.length)) {
      at--;
    }
    return at;
  }

  private static String repair(LocalSystem system, Node node) throws Exception {
    Path output = Files.createTempFile(system.folder(), "repair", ".out");
    Program cli = new Program(Program.master().classPath(), "io.holdfast.master.cli.HoldfastCli");
    try (JvmProcess command =
        JvmLaunch.of("holdfast journal repair", cli, output)
            .arguments("journal", "repair", node.data().toString(), "--yes")
            .start()) {
      assertThat(command.awaitExit(AT_MOST)).as("%s", command.tail()).isZero();
    }
    return Files.readString(output);
  }
}
