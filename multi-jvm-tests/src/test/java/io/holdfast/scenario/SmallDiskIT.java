package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.assertOutcome;
import static io.holdfast.scenario.Scenarios.eventually;
import static io.holdfast.scenario.Scenarios.executionIs;
import static io.holdfast.scenario.Scenarios.holdfast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.ApiException;
import io.holdfast.harness.EffectLedger;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Node;
import io.holdfast.harness.SmallDisk;
import io.holdfast.harness.Timing;
import io.holdfast.testing.machine.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P2, R14: masters and agents whose disks are too small, or become full under them. */
final class SmallDiskIT {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 64 * MIB;

  /** Less than what new work needs, more than what the journal needs. */
  private static final long NEARLY_FULL = 20 * MIB;

  private static final String RESERVES =
      "holdfast.%s.min-free-space = 24 MiB\nholdfast.journal.leveldb.min-free-space = 16 MiB";

  private static final String JOURNAL_FULL = "The disk of the journal in ";

  /** A lease that is long enough for a busy machine, and not too long to be outlasted. */
  private static final Timing TIMING =
      new Timing(
          Duration.ofSeconds(1),
          18,
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1));

  @BeforeAll
  static void needDisks() {
    Needed.requireMount(SmallDisk.isPossible(), "a small file system");
  }

  @ParameterizedTest
  @ValueSource(strings = {"master", "agent"})
  void R14_aDiskThatIsTooSmallIsRefusedAtTheStartAndTakenWhenItHasBeenEnlarged(String role)
      throws Exception {
    try (LocalSystem system = LocalSystem.named("disk-1-mib").create()) {
      try {
        Node node = role.equals("master") ? system.master() : system.agent();
        SmallDisk disk = system.smallDisk(node, MIB);
        node.launch();
        assertThat(node.process().awaitExit(AT_MOST)).isEqualTo(2);
        assertThat(Files.readString(node.output()).lines().filter(line -> !line.isBlank()))
            .singleElement()
            .asString()
            .startsWith("holdfast " + role + ": cannot start: ")
            .contains(
                "holdfast." + role + ".data = " + node.data(),
                " KiB free, 65536 KiB needed",
                "holdfast.journal.leveldb.min-free-space");
        assertThat(files(node.data())).isEmpty();

        disk.resize(256 * MIB);
        system.start();
        Held job = new Held(system, "job");
        job.end();
        job.assertEndedOnce();
      } catch (Throwable failure) {
        system.failed(failure);
        throw failure;
      }
    }
  }

  @Test
  void P2_R14_theDiskOfAnAgentBecomesFullAndEverythingGoesOnWhenThereIsRoom() throws Exception {
    LocalSystem system =
        LocalSystem.named("agent-disk")
            .timing(TIMING)
            .agentConfig(RESERVES.formatted("agent"))
            .create();
    onDisk(
        system,
        system.agent(),
        disk -> {
          Held endsWhileFull = new Held(system, "ends");
          Held goesOn = new Held(system, "goes-on");
          long pid = system.agent().process().pid();

          disk.fill(NEARLY_FULL);
          String refused = new Held(system, "refused", false).run;
          JsonNode run = system.client().awaitRun(refused, AT_MOST);
          JsonNode outcome = Scenarios.last(run).path("outcome");
          assertThat(outcome.path("type").asText()).as("%s", run).isEqualTo("refused");
          assertThat(holdfast(system, "show", refused))
              .contains("is nearly full", "holdfast.agent.min-free-space");
          assertThat(system.ledger().starts(refused + ".1")).isZero();

          disk.fill(0);
          Held late = new Held(system, "late", false);
          endsWhileFull.end();
          assertThat(system.ledger().awaitEnd(endsWhileFull.run + ".1", AT_MOST)).isEqualTo(7);
          outlast(system.timing().lease());
          system.client().awaitLink("agent-1", "connected", AT_MOST);
          goesOn.assertRuns();
          assertThat(Scenarios.last(system.client().run(endsWhileFull.run)).has("outcome"))
              .isFalse();

          disk.empty();
          endsWhileFull.assertEndedOnce();
          goesOn.end();
          goesOn.assertEndedOnce();
          late.end();
          late.assertRefusedOrEndedOnce();
          Held after = new Held(system, "after");
          after.end();
          after.assertEndedOnce();
          assertThat(system.agent().isAlive()).isTrue();
          assertThat(system.agent().process().pid()).isEqualTo(pid);
        });
  }

  @Test
  void P2_R14_theDiskOfAMasterBecomesFullAndNothingThatItPromisedIsMissing() throws Exception {
    LocalSystem system =
        LocalSystem.named("master-disk")
            .timing(Scenarios.LONG_LEASE)
            .masterConfig(RESERVES.formatted("master"))
            .create();
    onDisk(
        system,
        system.master(),
        disk -> {
          Held endsWhileFull = new Held(system, "ends");
          Held goesOn = new Held(system, "goes-on");
          Held endsBefore = new Held(system, "ends-before");
          long pid = system.master().process().pid();

          disk.fill(NEARLY_FULL);
          assertRefused(system, "ends", List.of());
          ApiException apply =
              catchThrowableOfType(ApiException.class, () -> new Held(system, "another", false));
          assertThat(apply.status()).isEqualTo(507);
          endsBefore.end();
          endsBefore.assertEndedOnce();
          disk.empty();

          // Promises up to the last moment.
          List<String> promised = new ArrayList<>();
          Thread filling = new Thread(() -> disk.fill(0), "fill");
          filling.start();
          try {
            assertRefused(system, "goes-on", promised);
          } finally {
            filling.join();
          }
          endsWhileFull.end();
          assertThat(system.ledger().awaitEnd(endsWhileFull.run + ".1", AT_MOST)).isEqualTo(7);
          eventually()
              .until(() -> Files.readString(system.master().output()).contains(JOURNAL_FULL));
          goesOn.assertRuns();
          assertThat(holdfast(system, "show", goesOn.run)).contains("active");
          assertThat(Scenarios.last(system.client().run(endsWhileFull.run)).has("outcome"))
              .isFalse();

          disk.empty();
          endsWhileFull.assertEndedOnce();
          goesOn.end();
          goesOn.assertEndedOnce();
          for (String run : promised) {
            JsonNode ended = system.client().awaitRun(run, AT_MOST);
            assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("failed");
            system.ledger().assertExecutedOnce(run + ".1");
          }
          Held after = new Held(system, "after");
          after.end();
          after.assertEndedOnce();
          assertThat(system.master().isAlive()).isTrue();
          assertThat(system.master().process().pid()).isEqualTo(pid);

          system.master().kill9();
          system.master().start();
          for (String run : promised) {
            assertThat(system.client().run(run).path("state").asText()).isEqualTo("failed");
          }
          after.assertEndedOnce();
        });
  }

  private interface OnDisk {
    void run(SmallDisk disk) throws Exception;
  }

  private static void onDisk(LocalSystem system, Node node, OnDisk scenario) throws Exception {
    try (system) {
      try {
        SmallDisk disk = system.smallDisk(node, SIZE);
        system.start();
        scenario.run(disk);
      } catch (Throwable failure) {
        system.failed(failure);
        throw failure;
      }
    }
  }

  /** Asks for runs until one is refused, with the reason; notes what was promised before. */
  private static void assertRefused(LocalSystem system, String job, List<String> promised) {
    ApiException refusal = null;
    while (refusal == null) {
      try {
        promised.add(system.client().startRun(job, Map.of()).path("id").asText());
      } catch (ApiException e) {
        // 503: it came when there was room, and was not written. Nothing is promised.
        refusal = e.status() == 503 ? null : e;
      }
    }
    assertThat(refusal.status()).as("%s", refusal).isEqualTo(507);
    assertThat(refusal.getMessage())
        .contains("is nearly full", "MiB free", "holdfast.master.min-free-space");
  }

  /** Waits until a lease that was not renewed from now on would surely be over. */
  private static void outlast(Duration lease) {
    long over = EffectLedger.uptimeCentis() + lease.multipliedBy(3).dividedBy(2).toMillis() / 10;
    eventually().until(() -> EffectLedger.uptimeCentis() > over);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** A job that waits for a word of the test and ends with code 7, and a run of it. */
  private static final class Held {
    private final LocalSystem system;
    private final Path gate;
    final String run;

    Held(LocalSystem system, String job) {
      this(system, job, true);
      system.client().awaitRun(run, executionIs("running"), AT_MOST);
    }

    Held(LocalSystem system, String job, boolean begins) {
      this.system = system;
      gate = system.folder().resolve(job + ".gate");
      String body = "until [ -e '%s' ]; do sleep 0.05; done; exit 7".formatted(gate);
      system.client().applyJobs(system.ledger().jobYaml(job, "agent: agent-1", body));
      run = system.client().startRun(job).path("id").asText();
      if (begins) {
        long unused = system.ledger().awaitStart(run + ".1", AT_MOST);
      }
    }

    void end() throws IOException {
      Files.createFile(gate);
    }

    void assertRuns() {
      assertThat(Scenarios.isDead(system, run + ".1")).isFalse();
      assertThat(system.client().run(run).path("state").asText()).isEqualTo("active");
    }

    /** Its order came when the disk was full, and was written when there was room. */
    void assertRefusedOrEndedOnce() {
      JsonNode ended = system.client().awaitRun(run, AT_MOST);
      if (Scenarios.last(ended).path("outcome").path("type").asText().equals("refused")) {
        assertThat(system.ledger().starts(run + ".1")).isZero();
      } else {
        assertEndedOnce();
      }
    }

    void assertEndedOnce() {
      JsonNode ended = system.client().awaitRun(run, AT_MOST);
      assertOutcome(Scenarios.last(ended).path("outcome"), "exited", "code", 7);
      assertThat(ended.path("executions")).hasSize(1);
      system.ledger().assertExecutedOnce(run + ".1");
      assertThat(system.ledger().ends(run + ".1")).isEqualTo(1);
    }
  }
}
