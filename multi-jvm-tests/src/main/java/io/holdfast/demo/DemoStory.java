package io.holdfast.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.demo.Proof.Noted;
import io.holdfast.demo.Proof.Recorded;
import io.holdfast.demo.Screen.Look;
import io.holdfast.harness.FaultProxy.Cut;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What happens in the demo, act by act, on a system that is up. */
final class DemoStory {
  private static final Duration LINK_MAX = Duration.ofSeconds(30);
  private static final Duration RUN_MAX = Duration.ofSeconds(60);
  private static final Duration LOGS_MAX = Duration.ofSeconds(20);
  private static final int MEANWHILE_SECONDS = 5;

  private final Screen screen;
  private final LocalSystem system;
  private final MasterClient client;
  private final DemoJobs jobs;
  private final int cutSeconds;

  DemoStory(Screen screen, LocalSystem system, int cutSeconds) {
    this.screen = screen;
    this.system = system;
    this.client = system.client();
    this.jobs = new DemoJobs(system.ledger());
    this.cutSeconds = cutSeconds;
  }

  /** All of it. Returns the proof, which may not hold. */
  Proof tell() {
    JsonNode unused = client.awaitLink(DemoJobs.CUT_AGENT, "connected", LINK_MAX);
    unused = client.awaitLink(DemoJobs.OTHER_AGENT, "connected", LINK_MAX);
    List<String> runs = startJobs();
    seconds(DemoJobs.LEAD);
    int reportsBefore = client.reconciliations(DemoJobs.CUT_AGENT).size();
    cut(runs);
    JsonNode report = heal(reportsBefore);
    awaitEnds(runs);
    show(report);
    return prove(runs);
  }

  private List<String> startJobs() {
    chapter("Three jobs: two for agent-1, and one for agent-2, whose network stays whole");
    JsonNode applied = client.applyJobs(jobs.yaml(cutSeconds));
    if (applied.path("jobs").size() != jobs.names().size()) {
      throw new DemoFailure("the master did not take all jobs: " + applied);
    }
    List<String> runs = new ArrayList<>();
    jobs.names().forEach(name -> runs.add(client.startRun(name).path("id").asText()));
    runs.forEach(run -> system.ledger().awaitStart(run + ".1", RUN_MAX));
    return runs;
  }

  private void cut(List<String> runs) {
    chapter("The cable between the master and agent-1 is pulled, for %d s".formatted(cutSeconds));
    system.proxy(DemoJobs.CUT_AGENT).cut(Cut.SILENT);
    List<String> there =
        runs.stream()
            .map(run -> client.run(run).path("executions").path(0))
            .filter(execution -> execution.path("agent").asText().equals(DemoJobs.CUT_AGENT))
            .map(execution -> execution.path("id").asText())
            .toList();
    long healAt = System.nanoTime() + Duration.ofSeconds(cutSeconds).toNanos();
    for (int gone = MEANWHILE_SECONDS; gone < cutSeconds; gone += MEANWHILE_SECONDS) {
      seconds(MEANWHILE_SECONDS);
      screen.tell(
          Look.FAINT,
          "    meanwhile on agent-1, by the jobs' own notes: "
              + DemoJobs.meanwhile(jobs.noted(), there));
    }
    sleep(Duration.ofNanos(Math.max(0, healAt - System.nanoTime())));
  }

  private JsonNode heal(int reportsBefore) {
    chapter("The cable is plugged in again");
    system.proxy(DemoJobs.CUT_AGENT).heal();
    JsonNode unused = client.awaitLink(DemoJobs.CUT_AGENT, "connected", LINK_MAX);
    JsonNode reports = client.reconciliations(DemoJobs.CUT_AGENT);
    if (reports.size() <= reportsBefore) {
      throw new DemoFailure("agent-1 is connected again, and the master has not reconciled");
    }
    return reports.path(0);
  }

  private void awaitEnds(List<String> runs) {
    for (String run : runs) {
      JsonNode ended = client.awaitRun(run, RUN_MAX);
      for (JsonNode execution : ended.path("executions")) {
        Object unused = client.awaitCompleteLogs(execution.path("id").asText(), "stdout", LOGS_MAX);
      }
    }
  }

  private void show(JsonNode report) {
    chapter("What the master and agent-1 compared when they met again");
    Table table = new Table("EXECUTION", "MASTER HAD", "AGENT SAYS", "DECISION");
    for (JsonNode entry : report.path("entries")) {
      table.row(
          entry.path("execution").asText(),
          entry.path("before").asText(),
          entry.path("agentSays").asText(),
          entry.path("decision").asText() + ": " + entry.path("reason").asText());
    }
    screen.show(Look.PLAIN, table.toString());
  }

  private Proof prove(List<String> runs) {
    chapter("The proof: the master's history against what the jobs noted themselves");
    List<Recorded> history = new ArrayList<>();
    for (String run : runs) {
      client.run(run).path("executions").forEach(execution -> history.add(recorded(execution)));
    }
    Map<String, Noted> notes = jobs.noted();
    Table table =
        new Table("EXECUTION", "STARTED", "ENDED", "MASTER HAS", "BYTES WRITTEN", "AT MASTER");
    for (Recorded recorded : history) {
      Noted noted = notes.getOrDefault(recorded.execution(), new Noted(0, List.of(), ""));
      table.row(
          recorded.execution(),
          noted.starts() == 1 ? "once" : noted.starts() + " times",
          noted.exitCodes().stream().map(code -> "code " + code).collect(Collectors.joining(", ")),
          recorded.outcome(),
          Integer.toString(noted.output().length()),
          Integer.toString(recorded.output().length()));
    }
    screen.show(Look.PLAIN, table.toString());
    Proof proof = Proof.of(runs, history, notes);
    screen.tell(proof.holds() ? Look.GOOD : Look.BAD, proof.words());
    proof.mismatches().forEach(mismatch -> screen.tell(Look.BAD, "mismatch: " + mismatch));
    return proof;
  }

  private Recorded recorded(JsonNode execution) {
    String id = execution.path("id").asText();
    JsonNode outcome = execution.path("outcome");
    boolean exited = outcome.path("type").asText().equals("exited");
    int code = exited ? outcome.path("code").asInt(-1) : -1;
    String words =
        exited ? "exited " + code : outcome.path("type").asText(execution.path("state").asText());
    byte[] output = client.logs(id, "stdout").bytes();
    return new Recorded(id, code, words, new String(output, StandardCharsets.ISO_8859_1));
  }

  /** After what the events before it say, which come a moment later. */
  private void chapter(String title) {
    sleep(Duration.ofMillis(200));
    screen.chapter(title);
  }

  private static void seconds(int count) {
    sleep(Duration.ofSeconds(count));
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoFailure("interrupted");
    }
  }
}
