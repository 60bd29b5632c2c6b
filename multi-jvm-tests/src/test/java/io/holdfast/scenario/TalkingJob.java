package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A job that talks until it is told to end, and keeps a copy of all that it says, so that a test
 * can compare what arrived with what was said. What it says is when it says it: uptime and wall
 * clock. After the word it says much at once, and ends with exit code {@value #EXIT_CODE}.
 */
final class TalkingJob {
  static final int EXIT_CODE = 7;

  private final LocalSystem system;
  private final MasterClient client;
  private final String name;

  private TalkingJob(LocalSystem system, MasterClient client, String name) {
    this.system = system;
    this.client = client;
    this.name = name;
  }

  static TalkingJob on(LocalSystem system, String name, String target) {
    return on(system, system.client(), name, target, "");
  }

  /**
   * @param before what the script does first, such as {@code trap '' TERM}
   */
  static TalkingJob on(
      LocalSystem system, MasterClient client, String name, String target, String before) {
    TalkingJob job = new TalkingJob(system, client, name);
    String body =
        """
        %s
        copy='%s'.$HOLDFAST_EXECUTION
        say() { printf '%%s\\n' "$1"; printf '%%s\\n' "$1" >> "$copy"; }
        until [ -e '%s' ]; do
          read -r up rest < /proc/uptime
          say "${up%%%%.*}${up#*.} $(date +%%s%%3N) äöü"
          sleep 0.1
        done
        seq 1 20000 | tee -a "$copy"
        exit %d
        """
            .formatted(before, job.copyPrefix(), job.gate(), EXIT_CODE);
    client.applyJobs(system.ledger().jobYaml(name, target, body));
    return job;
  }

  /** Starts a run and waits until it runs and talks; its id. */
  String run() {
    JsonNode run = client.startRun(name);
    String id = run.path("id").asText();
    awaitTalk(id + ".1");
    return id;
  }

  /** As {@link #run}, and waits until the master has heard that it runs; its id. */
  String running() {
    String id = run();
    JsonNode unused = client.awaitRun(id, Scenarios.executionIs("running"), AT_MOST);
    return id;
  }

  /** Waits until the execution has said something, or something more. */
  void awaitTalk(String execution) {
    long before = said(execution).length;
    eventually().until(() -> said(execution).length > before);
  }

  /** Tells it to end. */
  void end() {
    try {
      if (!Files.exists(gate())) {
        Files.createFile(gate());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] said(String execution) {
    try {
      Path copy = Path.of(copyPrefix() + "." + execution);
      return Files.exists(copy) ? Files.readAllBytes(copy) : new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last moment at which the execution is known to have lived. */
  Tick lastTick(String execution) {
    List<Tick> ticks =
        new String(said(execution), StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.split(" "))
            .filter(words -> words.length == 3)
            .map(words -> new Tick(Long.parseLong(words[0]), Long.parseLong(words[1])))
            .toList();
    return ticks.get(ticks.size() - 1);
  }

  /** A moment: the machine's uptime, which the ledger uses, and the wall clock of the histories. */
  record Tick(long uptimeCentis, long wallMillis) {}

  /** It ran once, without an overlap, ended by itself, and all that it said is at the master. */
  JsonNode assertCompleteAndOnce(String run) {
    JsonNode ended = client.awaitRun(run, AT_MOST);
    JsonNode execution = Scenarios.last(ended);
    Scenarios.assertOutcome(execution.path("outcome"), "exited", "code", EXIT_CODE);
    assertThat(ended.path("executions")).hasSize(1);
    String id = execution.path("id").asText();
    system.ledger().assertExecutedOnce(id);
    assertThat(system.ledger().ends(id)).isEqualTo(1);
    byte[] arrived = client.awaitCompleteLogs(id, "stdout", AT_MOST).bytes();
    byte[] said = said(id);
    assertThat(Arrays.mismatch(arrived, said))
        .as(
            "the first byte that differs, of %s that arrived and %s said",
            arrived.length, said.length)
        .isEqualTo(-1);
    return ended;
  }

  private Path gate() {
    return system.folder().resolve(name + ".gate");
  }

  private String copyPrefix() {
    return system.folder().resolve(name + ".said").toString();
  }
}
