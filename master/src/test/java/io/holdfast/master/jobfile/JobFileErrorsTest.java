package io.holdfast.master.jobfile;

import static io.holdfast.master.jobfile.JobFilesTest.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way to get a file wrong, with the place and the words of the answer. */
class JobFileErrorsTest {
  private static final String JOB_KEYS =
      "Allowed here: run, agent, group, parameters, timeout, kill-grace, on-connection-loss, on-lost";

  private static List<JobFileError> errors(String yaml) {
    JobFileResult result = parse(yaml);
    assertThat(result).isInstanceOf(JobFileResult.Refused.class);
    return ((JobFileResult.Refused) result).errors();
  }

  /** One error as {@code line:column key: message}. */
  private static String only(String yaml) {
    assertThat(errors(yaml)).hasSize(1);
    return shown(errors(yaml).get(0));
  }

  private static String shown(JobFileError e) {
    return e.line() + ":" + e.column() + " " + e.key() + ": " + e.message();
  }

  /** In each file ↵ stands for a line break. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''             | 1:1 : the file is empty: write at least one job under 'jobs:'
          '# only this'  | 1:1 : the file is empty: write at least one job under 'jobs:'
          '---'          | 1:4 : the file is empty: write at least one job under 'jobs:'
          'tick'         | 1:1 : is a single value, not a mapping: write 'jobs:' and the jobs under it
          '[jobs]'       | 1:1 : is a list, not a mapping: write 'jobs:' and the jobs under it
          '{}'           | 1:1 : there is no 'jobs': write 'jobs:' and the jobs under it
          'job: {}'      | 1:1 job: unknown key: did you mean 'jobs'? Allowed here: jobs
          'cron: {}'     | 1:1 cron: unknown key: Allowed here: jobs
          'jobs:'        | 1:6 jobs: is empty, not a mapping: write NAME: and the job under it
          'jobs: []'     | 1:7 jobs: is a list, not a mapping: write NAME: and the job under it
          'jobs: {}'     | 1:7 jobs: there is no job in it: write NAME: and the job under it
          'jobs: {x: }'  | 1:10 jobs.x: is empty, not a mapping: write at least 'run:' and 'agent:' or 'group:' under it
          'jobs: {x: w}' | 1:11 jobs.x: is a single value, not a mapping: write at least 'run:' and 'agent:' or 'group:' under it
          'jobs: {[a]: {run: w}}' | 1:8 jobs: a key is a list: write a name
          'jobs: !x {}'  | 1:7 jobs: has the tag !x: leave the tag out
          'jobs: {↵  x'  | 2:4 : not YAML: while parsing a flow mapping, expected ',' or '}', but got <stream end>
          'jobs:↵	x: 1'  | 2:1 : not YAML: a tab cannot indent or begin a value: use spaces
          'a: b: c'      | 1:5 : not YAML: a second ': ' in one line: put a text that contains ': ' or ' #' in quotes
          'jobs: *a'     | 1:7 : not YAML: found undefined alias a
          'a: 1↵---↵b: 2' | 2:1 : a second document begins here: put all jobs under one 'jobs:'
          """)
  void refusesTheFile(String yaml, String error) {
    assertThat(only(yaml.replace('↵', '\n'))).isEqualTo(error);
  }

  /** Each in a job x, from line 3 on, indented by 4. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'agent: agent-1'                    | 2:3 jobs.x: has no 'run': write the shell commands to run
          'run: w'                            | 2:3 jobs.x: has neither 'agent' nor 'group': say where it runs
          'run: w↵group: all↵agent: agent-1'  | 4:5 jobs.x: has both 'agent' and 'group': remove one of them
          'run:↵agent: agent-1'               | 3:9 jobs.x.run: is empty: write the shell commands to run
          'run: "  "↵agent: agent-1'          | 3:10 jobs.x.run: is empty: write the shell commands to run
          'run: [w]↵agent: agent-1'           | 3:10 jobs.x.run: is a list, not a text: write one value
          'run: !!binary aGk=↵agent: agent-1' | 3:10 jobs.x.run: has the tag tag:yaml.org,2002:binary: leave the tag out
          'run: "a\\0b"↵agent: agent-1'       | 3:10 jobs.x.run: contains a NUL character, which no command or variable can hold
          'run: w↵run: v↵agent: agent-1'      | 4:5 jobs.x.run: stands here a second time: it is in line 3 already, remove one of them
          'run: w↵agent: agent-3'             | 4:12 jobs.x.agent: unknown agent: did you mean 'agent-1'? Known agents: agent-1, agent-2
          'run: w↵agent: all'                 | 4:12 jobs.x.agent: unknown agent: write 'group: all'? Known agents: agent-1, agent-2
          'run: w↵group: west'                | 4:12 jobs.x.group: unknown group: Known groups: all, east
          'run: w↵agent: null'                | 4:12 jobs.x.agent: is YAML's word for no value: write "null" if you mean the text
          """)
  void refusesTheJob(String fields, String error) {
    assertThat(only(inJob(fields))).isEqualTo(error);
  }

  /** Each after run and agent, in line 5, indented by 4. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'timeout: soon'       | 5:14 jobs.x.timeout: not a duration: write 30s, 5m, 2h, 1d or 1h30m
          'timeout: 30'         | 5:14 jobs.x.timeout: has no unit: write 30s, 5m, 2h or 1d
          'timeout: 0s'         | 5:14 jobs.x.timeout: must be longer than zero: write 30s, 5m, 2h, 1d or 1h30m
          'timeout: -1m'        | 5:14 jobs.x.timeout: must be longer than zero: write 30s, 5m, 2h, 1d or 1h30m
          'timeout: 999999d'    | 5:14 jobs.x.timeout: is too long: at most 365d
          'timeout:'            | 5:13 jobs.x.timeout: has no value: write one, or "" for an empty text
          'timeout: {s: 3}'     | 5:14 jobs.x.timeout: is a mapping, not a text: write one value
          'kill-grace: 31s'     | 5:17 jobs.x.kill-grace: is longer than this master's timing.kill-grace, on which its leases rest: write at most 30s, or raise that setting
          'on-lost: retry'      | 5:14 jobs.x.on-lost: not allowed: Write one of error, rerun, wait
          'on-lost: eror'       | 5:14 jobs.x.on-lost: not allowed: did you mean 'error'? Write one of error, rerun, wait
          'on-connection-loss: kep' | 5:25 jobs.x.on-connection-loss: not allowed: did you mean 'keep'? Write one of stop-after-lease, keep
          'parameters: [A]'     | 5:17 jobs.x.parameters: is a list, not a mapping: write NAME: value lines under it
          'parameters: {A-B: 1}' | 5:18 jobs.x.parameters.A-B: not a parameter name: use 1 to 100 of the characters A-Z a-z 0-9 _ and no leading digit
          'parameters: {A: [1]}' | 5:21 jobs.x.parameters.A: is a list, not a text: write one value
          'parameters: {A: }'   | 5:20 jobs.x.parameters.A: has no value: write one, or "" for an empty text
          'parameters: {A: ~}'  | 5:21 jobs.x.parameters.A: is YAML's word for no value: write "~" if you mean the text
          'parameters: {A: "\\0"}' | 5:21 jobs.x.parameters.A: contains a NUL character, which no command or variable can hold
          'parameters: {A: 1, A: 2}' | 5:24 jobs.x.parameters.A: stands here a second time: it is in line 5 already, remove one of them
          """)
  void refusesTheField(String field, String error) {
    assertThat(only(inJob("run: w↵agent: agent-1↵" + field))).isEqualTo(error);
  }

  @ParameterizedTest
  @CsvSource({
    "timout, timeout",
    "Timeout, timeout",
    "tiemout, timeout",
    "kill_grace, kill-grace",
    "on-conection-loss, on-connection-loss",
    "params, ",
    "<<, "
  })
  void suggestsTheNearestKey(String written, String meant) {
    String question = meant == null ? "" : "did you mean '" + meant + "'? ";
    assertThat(only(inJob("run: w↵agent: agent-1↵" + written + ": 5s")))
        .isEqualTo("5:5 jobs.x." + written + ": unknown key: " + question + JOB_KEYS);
  }

  @Test
  void refusesWhatWouldBreakAtMostOnce() {
    assertThat(only(inJob("run: w↵agent: agent-1↵on-lost: rerun↵on-connection-loss: keep")))
        .isEqualTo(
            "5:14 jobs.x.on-lost: 'on-lost: rerun' does not go with 'on-connection-loss: keep': the"
                + " agent would keep the task running while another one starts it a second time."
                + " Write 'on-lost: wait', or 'on-connection-loss: stop-after-lease'");
  }

  @Test
  void refusesBadNamesAndASecondJobOfTheSameName() {
    String job = ": {run: w, agent: agent-1}\n  ";
    assertThat(errors("jobs:\n  .x" + job + "a/b" + job + "ok" + job + "ok" + job))
        .extracting(JobFileErrorsTest::shown)
        .containsExactly(
            "2:3 jobs..x: not a name: use 1 to 100 of the characters A-Z a-z 0-9 . _ - and no leading dot",
            "3:3 jobs.a/b: not a name: use 1 to 100 of the characters A-Z a-z 0-9 . _ - and no leading dot",
            "5:3 jobs.ok: stands here a second time: it is in line 4 already, remove one of them");
  }

  @Test
  void tellsAllErrorsInTheOrderOfTheFile() {
    assertThat(errors(inJob("on-lost: x↵timout: 5s↵kill-grace: 0s↵agent: nobody")))
        .extracting(e -> e.line() + " " + e.key() + " " + e.value())
        .containsExactly(
            "2 jobs.x x",
            "3 jobs.x.on-lost x",
            "4 jobs.x.timout timout",
            "5 jobs.x.kill-grace 0s",
            "6 jobs.x.agent nobody");
  }

  @Test
  void boundsEverySize() {
    assertThat(only("x".repeat(1024 * 1024 + 1)))
        .isEqualTo("1:1 : the file is larger than 1 MiB: split it");
    assertThat(only(inJob("agent: agent-1↵run: " + "w".repeat(64 * 1024 + 1))))
        .isEqualTo(
            "4:10 jobs.x.run: is 65537 bytes long, at most 65536 (64 KiB): put the rest into a file"
                + " on the agent");
    assertThat(only(inJob("agent: agent-1↵run: w↵parameters: {A: " + "w".repeat(32769) + "}")))
        .isEqualTo(
            "5:21 jobs.x.parameters.A: is 32769 bytes long, at most 32768 (32 KiB): pass the name of"
                + " a file instead");
    String large = "w".repeat(32 * 1024);
    assertThat(
            only(inJob("agent: agent-1↵run: w↵parameters: {A: " + large + ", B: " + large + "}")))
        .isEqualTo(
            "5:17 jobs.x.parameters: the parameters together are 65538 bytes long, at most 65536 (64"
                + " KiB)");
    assertThat(only(inJob("agent: agent-1↵run: w↵parameters: {" + many("P%d: 1", 101) + "}")))
        .isEqualTo("5:17 jobs.x.parameters: there are 101 parameters, at most 100");
    assertThat(only("jobs: {" + many("j%d: {}", 1001) + "}"))
        .isEqualTo("1:7 jobs: there are 1001 jobs, at most 1000 in one file: split it");
  }

  @Test
  void boundsNestingAliasesAndErrors() {
    assertThat(only("[".repeat(500_000)))
        .isEqualTo("1:17 : nested deeper than 16 levels: a job file needs 4");
    assertThat(only("a: &a x\nb: [" + many("*a", 101) + "]"))
        .endsWith("more than 100 aliases (*name): write the values out");
    String job = "&j {agent: agent-1, run: " + "w".repeat(60 * 1024) + "}";
    assertThat(only("jobs: {first: " + job + ", " + many("j%d: *j", 99) + "}"))
        .endsWith("with its aliases (*name) written out the file is larger than 2 MiB: split it");
    assertThat(errors("jobs: &a {x: *a}")).hasSize(3);
    assertThat(errors("jobs: {x: {" + many("k%d: 1", 5_000) + "}}")).hasSize(1_000);
  }

  @Test
  void showsValuesShortAndWithoutControlCharacters() {
    JobFileError error =
        errors(inJob("run: w↵agent: agent-1↵timeout: \"\\e[2J" + "x".repeat(90) + "\"")).get(0);
    assertThat(error.value()).isEqualTo("\\u001b[2J" + "x".repeat(76) + "…");
    assertThat(only("jobs:\n  x: \u0007"))
        .isEqualTo("2:6 : the character U+0007 is not allowed in YAML");
  }

  @Test
  void isAsTheHttpApiSays() throws JsonProcessingException {
    ObjectMapper json = new ObjectMapper();
    assertThat(json.writeValueAsString(new JobFileError(3, 5, "jobs.tick.timeout", "soon", "no")))
        .isEqualTo(
            "{\"line\":3,\"column\":5,\"key\":\"jobs.tick.timeout\",\"value\":\"soon\",\"message\":\"no\"}");
    assertThat(json.writeValueAsString(new JobFileError(0, 0, "parameters.A", "", "no")))
        .isEqualTo("{\"key\":\"parameters.A\",\"message\":\"no\"}");
  }

  private static String inJob(String fields) {
    return "jobs:\n  x:\n    " + fields.replace("↵", "\n    ") + "\n";
  }

  private static String many(String pattern, int count) {
    return IntStream.range(0, count).mapToObj(pattern::formatted).collect(Collectors.joining(", "));
  }
}
