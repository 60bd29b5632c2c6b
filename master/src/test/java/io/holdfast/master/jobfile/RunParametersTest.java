package io.holdfast.master.jobfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.job.JobDefinition;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunParametersTest {
  private static final JobDefinition JOB =
      ((JobFileResult.Accepted)
              JobFilesTest.parse(
                  "jobs: {tick: {run: w, agent: agent-1, parameters: {NAME: world, SIZE: 1}}}"))
          .file()
          .jobs()
          .get(0);

  @Test
  void givenValuesCoverTheJobsOwn() {
    assertThat(RunParameters.apply(JOB, Map.of("NAME", "a=b\nü \"$(x)\"")))
        .isEqualTo(
            new RunParameters.Result.Accepted(
                new java.util.TreeMap<>(Map.of("NAME", "a=b\nü \"$(x)\"", "SIZE", "1"))));
  }

  @Test
  void undeclaredNamesAreRefusedWithTheKnownOnes() {
    assertThat(refusal(Map.of("NAEM", "x")))
        .isEqualTo(
            "parameters.NAEM: job 'tick' has no such parameter: did you mean 'NAME'? Known"
                + " parameters: NAME, SIZE");
  }

  @Test
  void theSameBoundsHold() {
    assertThat(refusal(Map.of("NAME", "\0"))).contains("NUL");
    assertThat(refusal(Map.of("NAME", "x".repeat(32769)))).contains("at most 32768");
    assertThat(refusal(Map.of("NAME", "x".repeat(32768), "SIZE", "x".repeat(32768))))
        .startsWith("parameters: the parameters together are");
    Map<String, String> missing = new HashMap<>();
    missing.put("NAME", null);
    assertThat(refusal(missing)).startsWith("parameters.NAME: has no value");
  }

  private static String refusal(Map<String, String> given) {
    RunParameters.Result result = RunParameters.apply(JOB, given);
    assertThat(result).isInstanceOf(RunParameters.Result.Refused.class);
    JobFileError error = ((RunParameters.Result.Refused) result).errors().get(0);
    assertThat(error.line()).isZero();
    return error.key() + ": " + error.message();
  }
}
