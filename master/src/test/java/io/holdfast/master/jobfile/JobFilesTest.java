package io.holdfast.master.jobfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What is accepted, and what it then means. */
class JobFilesTest {
  static final KnownAgents AGENTS =
      KnownAgents.of(List.of("agent-1", "agent-2"), List.of("all", "east"));
  private static final Duration MAX_KILL_GRACE = Duration.ofSeconds(30);

  static JobFileResult parse(String yaml) {
    return JobFiles.parse(yaml, AGENTS, MAX_KILL_GRACE);
  }

  private static List<JobDefinition> jobs(String yaml) {
    JobFileResult result = parse(yaml);
    assertThat(result).isInstanceOf(JobFileResult.Accepted.class);
    return ((JobFileResult.Accepted) result).file().jobs();
  }

  private static JobDefinition job(String fields) {
    return jobs("jobs: {x: {agent: agent-1, " + fields + "}}").get(0);
  }

  @Test
  void readsEveryKey() {
    String yaml =
        """
        jobs:
          tick:
            run: |
              for i in $(seq 3); do echo "tick $i"; done
              exit 3
            group: all
            parameters: {NAME: world, EMPTY: ""}
            timeout: 1h30m
            kill-grace: 20s
            on-connection-loss: keep
            on-lost: wait
        """;
    assertThat(jobs(yaml))
        .containsExactly(
            new JobDefinition(
                "tick",
                "for i in $(seq 3); do echo \"tick $i\"; done\nexit 3\n",
                new Target.Group("all"),
                new TreeMap<>(Map.of("NAME", "world", "EMPTY", "")),
                Optional.of(Duration.ofMinutes(90)),
                Duration.ofSeconds(20),
                ConnectionLossPolicy.KEEP,
                OnLost.WAIT));
  }

  @Test
  void hasDefaults() {
    assertThat(job("run: 'true'"))
        .isEqualTo(
            new JobDefinition(
                "x",
                "true",
                new Target.OneAgent("agent-1"),
                new TreeMap<>(),
                Optional.empty(),
                Duration.ofSeconds(15),
                ConnectionLossPolicy.STOP_AFTER_LEASE,
                OnLost.ERROR));
  }

  @Test
  void theDefaultKillGraceIsNotMoreThanTheMasterAllows() {
    JobFileResult result =
        JobFiles.parse("jobs: {x: {agent: agent-1, run: w}}", AGENTS, Duration.ofSeconds(3));
    assertThat(((JobFileResult.Accepted) result).file().jobs().get(0).killGrace())
        .isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void takesValuesAsTheyAreWritten() {
    assertThat(
            job("run: true, parameters: {A: 01, B: yes, C: 1.50, D: 0x1F, E: 2026-11-22, F: 'null'}")
                .parameters())
        .isEqualTo(
            Map.of(
                "A", "01", "B", "yes", "C", "1.50", "D", "0x1F", "E", "2026-11-22", "F", "null"));
    assertThat(job("run: true").run()).isEqualTo("true");
    assertThat(jobs("jobs: {42: {agent: agent-1, run: w}}").get(0).name()).isEqualTo("42");
  }

  @Test
  void keepsTheOrderOfTheFile() {
    String yaml =
        "jobs: {b: {run: w, agent: agent-1}, a: {run: w, agent: agent-1}, c: {run: w, group: all}}";
    assertThat(jobs(yaml)).extracting(JobDefinition::name).containsExactly("b", "a", "c");
  }

  @Test
  void readsUnicodeAByteOrderMarkAndWindowsLineEnds() {
    String yaml =
        "\uFEFFjobs:\r\n  x:\r\n    agent: agent-1\r\n    run: |\r\n      echo ü 🙂\r\n      w\r\n";
    assertThat(jobs(yaml).get(0).run()).isEqualTo("echo ü 🙂\nw\n");
  }

  @Test
  void aliasesMayBeUsed() {
    String yaml =
        """
        jobs:
          a: {run: w, agent: agent-1, parameters: &p {X: "1"}}
          b: {run: w, agent: agent-1, parameters: *p}
        """;
    assertThat(jobs(yaml).get(1).parameters()).isEqualTo(Map.of("X", "1"));
  }

  @Test
  void aLargeFileIsRead() {
    StringBuilder yaml = new StringBuilder("jobs:\n");
    for (int i = 0; i < JobFiles.MAX_JOBS; i++) {
      yaml.append("  job-").append(i).append(": {run: w, agent: agent-1}\n");
    }
    assertThat(jobs(yaml.toString())).hasSize(JobFiles.MAX_JOBS);
  }

  @Property
  void anyTextIsReadOrRefused(@ForAll String text) {
    assertThat(parse(text)).isNotNull();
    assertThat(parse("jobs:\n  x:\n    run: " + text)).isNotNull();
    assertThat(parse("jobs: {x: {agent: agent-1, run: \"" + text + "\"}}")).isNotNull();
  }
}
