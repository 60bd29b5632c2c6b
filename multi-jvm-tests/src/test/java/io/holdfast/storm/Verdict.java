package io.holdfast.storm;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.EffectLedger;
import io.holdfast.harness.EffectLedger.Entry;
import io.holdfast.harness.EffectLedger.Kind;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * What the jobs noted against what the masters say: overlaps 0, executed twice 0, results lost 0,
 * output bytes missing 0, processes and stores left 0.
 */
final class Verdict {
  private static final Duration AT_MOST = Duration.ofMinutes(3);
  private static final int SIGKILL = 9;

  /** The exit code that a shell has for what ended by SIGKILL. */
  private static final long KILLED = 128 + SIGKILL;

  private final LocalSystem system;
  private final Calls calls;
  private final Victims victims;
  private final Map<String, Entry> starts = new HashMap<>();
  private final Map<String, Entry> ends = new HashMap<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final List<String> complaints = new ArrayList<>();
  private int executions;
  private long bytes;

  Verdict(LocalSystem system, Calls calls, Weather weather) {
    this.system = system;
    this.calls = calls;
    this.victims = weather.victims();
  }

  /** Waits until all has come to its end, and compares. What is wrong; nothing, if all is well. */
  List<String> complaints(Load load) throws IOException {
    for (Load.Promise promise : load.promises()) {
      system.client(promise.master()).awaitRun(promise.run(), AT_MOST);
    }
    readLedger();
    calls.read();
    for (Load.Promise promise : load.promises()) {
      MasterClient client = system.client(promise.master());
      for (JsonNode execution : client.run(promise.run()).path("executions")) {
        executions++;
        judge(client, promise.run(), execution.path("id").asText());
      }
      JsonNode run = client.run(promise.run());
      run.path("executions").forEach(e -> calls.judge(run, e.path("id").asText(), complaints));
      calls.judgeNotes(run, complaints);
    }
    judgeOverlaps(load.jobs().keySet());
    awaitNothingLeft();
    return complaints;
  }

  private void readLedger() {
    Set<String> twice = new HashSet<>();
    for (Entry entry : system.ledger().entries()) {
      if (entry.kind() == Kind.START && starts.put(entry.execution(), entry) != null) {
        twice.add(entry.execution());
      } else if (entry.kind() == Kind.END) {
        ends.put(entry.execution(), entry);
      }
    }
    twice.forEach(id -> complaints.add("P1: " + id + " was executed twice"));
  }

  private void judge(MasterClient client, String run, String id) {
    JsonNode execution = settled(client, run, id);
    JsonNode outcome =
        execution.has("amended") ? execution.path("amended") : execution.path("outcome");
    String type = outcome.path("type").asText();
    outcomes.merge((execution.has("amended") ? "lost, then " : "") + type, 1, Integer::sum);
    if (victims.isConfirmed(id)
        && !execution.path("outcome").path("type").asText().equals("lost")) {
      complaints.add("confirm-lost: " + id + " was called lost, told as " + execution);
    }
    Entry end = ends.get(id);
    if (end == null) {
      judgeUnended(id, outcome);
    } else {
      judgeEnded(id, end.value(), outcome);
    }
    if (starts.containsKey(id)) {
      judgeOutput(client, id, end != null && end.value() != KILLED);
    }
  }

  /** The job has noted its end. */
  private void judgeEnded(String id, long code, JsonNode outcome) {
    boolean told =
        switch (outcome.path("type").asText()) {
          case "exited" -> outcome.path("code").asLong() == code;
          // One that is stopped between its last line and its exit is told as stopped.
          case "stopped" -> true;
          case "signalled" ->
              outcome.path("signal").asInt() == SIGKILL
                  && (victims.isJobKilled(id) || (victims.isPartKilled(id) && code == KILLED));
          case "vanished" -> victims.isUnrecorded(id);
          default -> false;
        };
    if (!told) {
      complaints.add("P2: " + id + " ended with " + code + ", told as " + outcome);
    }
  }

  /** The job did not come to its end, or never began. */
  private void judgeUnended(String id, JsonNode outcome) {
    boolean told =
        switch (outcome.path("type").asText()) {
          case "exited" -> false;
          case "signalled" -> outcome.path("signal").asInt() == SIGKILL && victims.isJobKilled(id);
          case "vanished" -> victims.isUnrecorded(id);
          default -> true;
        };
    if (!told) {
      complaints.add("P2: " + id + " never came to its end, told as " + outcome);
    }
  }

  /**
   * A lost one is amended as soon as its agent is heard again, unless the agent never heard of it.
   */
  private JsonNode settled(MasterClient client, String run, String id) {
    return Scenes.execution(
        client.awaitRun(
            run,
            r -> {
              JsonNode execution = Scenes.execution(r, id);
              return execution.has("outcome")
                  && (execution.has("amended")
                      || !starts.containsKey(id)
                      || !execution.path("outcome").path("type").asText().equals("lost"));
            },
            AT_MOST),
        id);
  }

  private void judgeOutput(MasterClient client, String id, boolean whole) {
    String said = client.awaitCompleteLogs(id, "stdout", AT_MOST).text();
    bytes += said.length();
    String[] lines = said.isEmpty() ? new String[0] : said.split("\n");
    for (int i = 0; i < lines.length; i++) {
      if (!lines[i].startsWith(id + " line " + (i + 1) + " of ")) {
        complaints.add("P2: line " + (i + 1) + " of " + id + " is: " + lines[i]);
        return;
      }
    }
    boolean last = lines.length > 0 && lines[lines.length - 1].endsWith(" of " + lines.length);
    if (whole && !last) {
      complaints.add("P2: the end of the output of " + id + " is missing: " + lines.length);
    }
  }

  private void judgeOverlaps(Set<String> jobs) {
    system
        .ledger()
        .executionsOverlapping()
        .forEach(id -> complaints.add("P1: " + id + " began while another lived"));
    // All is over: what was killed is dead by now, and before that only the locks can tell.
    Map<String, Long> deaths = new HashMap<>();
    starts.keySet().stream()
        .filter(id -> !ends.containsKey(id))
        .forEach(id -> deaths.put(id, starts.get(id).uptimeCentis()));
    for (String job : jobs) {
      for (EffectLedger.Overlap overlap : system.ledger().overlaps(job, deaths)) {
        complaints.add("P1: " + overlap);
      }
    }
  }

  private void awaitNothingLeft() {
    try {
      Awaitility.await("processes and stores to be empty")
          .atMost(AT_MOST)
          .until(() -> left().isEmpty());
    } catch (ConditionTimeoutException e) {
      complaints.add("I10: left behind: " + left());
    }
  }

  private List<String> left() {
    Set<Long> known = new HashSet<>();
    system.masters().forEach(node -> known.add(node.process().pid()));
    for (Node agent : system.agents()) {
      known.add(agent.process().pid());
      Guardians.of(agent).ifPresent(known::add);
    }
    List<String> left = new ArrayList<>();
    for (long pid : system.processes()) {
      // A guardian has a child to sleep with.
      boolean childOfKnown =
          ProcessHandle.of(pid)
              .flatMap(ProcessHandle::parent)
              .filter(parent -> known.contains(parent.pid()))
              .isPresent();
      if (!known.contains(pid) && !childOfKnown) {
        left.add("process " + pid + " " + Scenes.commandOf(pid));
      }
    }
    for (Node agent : system.agents()) {
      for (Node master : system.masters()) {
        left.addAll(directories(agent.data().resolve("masters/" + master.id() + "/tasks")));
      }
    }
    return left;
  }

  /** Each with what is in it, which tells who made it or did not delete it. */
  private static List<String> directories(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> !path.equals(folder)).map(Path::toString).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int executions() {
    return executions;
  }

  long bytes() {
    return bytes;
  }

  Map<String, Integer> outcomes() {
    return outcomes;
  }
}
