package io.holdfast.master.jobfile;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.JobRules;
import io.holdfast.master.jobfile.Fields.Field;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads job files:
 *
 * <pre>{@code
 * jobs:
 *   tick:
 *     run: echo "hello $PARAM_NAME"
 *     agent: agent-1                        # or group: all
 *     parameters: {NAME: world}
 *     timeout: 2m                           # none
 *     kill-grace: 15s                       # 15s
 *     on-connection-loss: stop-after-lease  # or keep
 *     on-lost: error                        # or rerun, wait
 * }</pre>
 */
public final class JobFiles {
  /** The largest file, in bytes of UTF-8. */
  public static final int MAX_BYTES = YamlText.MAX_BYTES;

  /** Most jobs of one file. */
  public static final int MAX_JOBS = 1_000;

  /**
   * Scripts and parameters of all jobs together. A file without aliases cannot reach it; one with
   * them could otherwise make a thousand large jobs of a small one.
   */
  static final int MAX_EXPANDED_BYTES = 2 * MAX_BYTES;

  private static final String JOBS = "jobs";

  private final Problems problems = new Problems();
  private final JobReader jobReader;

  private JobFiles(KnownAgents agents, Duration maxKillGrace) {
    jobReader = new JobReader(agents, maxKillGrace, problems);
  }

  /**
   * Reads a whole file.
   *
   * @param yaml the file's text
   * @param agents the agents and groups that jobs may name
   * @param maxKillGrace the master's {@code timing.kill-grace}. It is part of the time after which
   *     the master takes a silent agent's tasks for dead, so no job may have a longer one; and a
   *     job that names none gets at most this
   */
  public static JobFileResult parse(String yaml, KnownAgents agents, Duration maxKillGrace) {
    return new JobFiles(agents, maxKillGrace).read(yaml);
  }

  private JobFileResult read(String yaml) {
    List<JobDefinition> jobs = YamlText.read(yaml, problems).map(this::readRoot).orElse(List.of());
    return problems.isEmpty()
        ? new JobFileResult.Accepted(new JobFile(jobs))
        : new JobFileResult.Refused(problems.inOrder());
  }

  private List<JobDefinition> readRoot(Node root) {
    Fields fields = new Fields(problems);
    if (Fields.isNull(root)) {
      problems.add(root, "", "the file is empty: write at least one job under 'jobs:'");
      return List.of();
    }
    Map<String, Field> top =
        fields.mapping(root, "", "'jobs:' and the jobs under it").orElse(Map.of());
    fields.refuseUnknown(top, "", List.of(JOBS));
    Field jobs = top.get(JOBS);
    if (jobs == null) {
      if (problems.isEmpty()) {
        problems.add(root, "", "there is no 'jobs': write 'jobs:' and the jobs under it");
      }
      return List.of();
    }
    return readJobs(jobs, fields);
  }

  private List<JobDefinition> readJobs(Field jobs, Fields fields) {
    Optional<Map<String, Field>> byName =
        fields.mapping(jobs.value(), JOBS, "NAME: and the job under it");
    if (byName.isEmpty()) {
      return List.of();
    }
    int count = byName.get().size();
    if (count == 0 && problems.isEmpty()) {
      problems.add(jobs.value(), JOBS, "there is no job in it: write NAME: and the job under it");
    }
    if (count > MAX_JOBS) {
      problems.add(
          jobs.value(),
          JOBS,
          "there are %d jobs, at most %d in one file: split it".formatted(count, MAX_JOBS));
      return List.of();
    }
    return readEach(byName.get());
  }

  private List<JobDefinition> readEach(Map<String, Field> byName) {
    List<JobDefinition> read = new ArrayList<>();
    long bytes = 0;
    for (Map.Entry<String, Field> entry : byName.entrySet()) {
      if (problems.isFull()) {
        break;
      }
      Optional<JobDefinition> job = jobReader.read(entry.getKey(), entry.getValue());
      job.ifPresent(read::add);
      bytes += job.map(JobFiles::bytes).orElse(0L);
      if (bytes > MAX_EXPANDED_BYTES) {
        problems.add(
            entry.getValue().key(),
            Fields.join(JOBS, entry.getKey()),
            "with its aliases (*name) written out the file is larger than 2 MiB: split it");
        break;
      }
    }
    return read;
  }

  private static long bytes(JobDefinition job) {
    return job.run().getBytes(StandardCharsets.UTF_8).length
        + (long) JobRules.parametersBytes(job.parameters());
  }
}
