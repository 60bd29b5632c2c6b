package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.testing.machine.SmallFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** R9 and R10: a task is claimed once, and its end and output are on file. */
class LaunchTest {
  @TempDir static Path links;

  private final TaskFixture fixture = new TaskFixture();

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  /** The shells found on this machine, as `sh`. */
  static Stream<Path> shells() throws IOException {
    List<Path> shells = new ArrayList<>(List.of(Path.of("/bin/sh")));
    if (Files.isExecutable(Path.of("/bin/bash"))) {
      shells.add(Path.of("/bin/bash"));
    }
    if (Files.isExecutable(Path.of("/usr/bin/busybox"))) {
      Path sh = Files.createTempDirectory(links, "busybox").resolve("sh");
      shells.add(Files.createSymbolicLink(sh, Path.of("/usr/bin/busybox")));
    }
    return shells.stream();
  }

  @ParameterizedTest
  @CsvSource({"exit 0,0", "exit 3,3", "exit 200,200", "no-such-command,127", "false,1"})
  void R10_exit_code_is_recorded(String job, int code) {
    assertThat(fixture.run(fixture.task(job)))
        .isInstanceOfSatisfying(
            TaskEnd.Exited.class,
            end -> {
              assertThat(end.code()).isEqualTo(code);
              assertThat(end.left()).isFalse();
              assertThat(end.at())
                  .isBetween(fixture.clock.now().minusSeconds(20), fixture.clock.now());
            });
  }

  @Test
  void R10_signal_is_recorded() {
    assertThat(fixture.run(fixture.task("kill -9 $$")))
        .isInstanceOfSatisfying(
            TaskEnd.Signalled.class, end -> assertThat(end.signal()).isEqualTo(9));
    assertThat(fixture.run(fixture.task("kill -INT $$; exit 5")))
        .as("a job has the default signals, not those of a background process")
        .isInstanceOfSatisfying(
            TaskEnd.Signalled.class, end -> assertThat(end.signal()).isEqualTo(2));
  }

  @Test
  void R10_what_outlives_the_job_in_its_group_is_reported() {
    assertThat(fixture.run(fixture.task("sleep 1000 & exit 4")))
        .isInstanceOfSatisfying(TaskEnd.Exited.class, end -> assertThat(end.left()).isTrue());
  }

  @Test
  void R10_signals_to_the_wrapper_do_not_disturb_it() {
    TaskDirectory task = fixture.task("until [ -e go ]; do sleep 0.02; done; exit 7");
    ProcessIdentity wrapper = fixture.launch(task);
    fixture.awaitRunning(task);
    CompletableFuture<TaskEnd> end =
        fixture.processes.awaitEnd(task, wrapper).toCompletableFuture();
    for (String signal : List.of("HUP", "INT", "QUIT", "TERM", "PIPE", "USR1", "TSTP")) {
      run("kill", "-" + signal, Long.toString(wrapper.pid()));
    }
    assertThat(end).isNotDone();
    run("touch", fixture.data.resolve("go").toString());
    assertThat(TaskFixture.get(end))
        .isInstanceOfSatisfying(TaskEnd.Exited.class, e -> assertThat(e.code()).isEqualTo(7));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void R10_environment_arrives_byte_for_byte(Path shell) throws IOException {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("QUOTES", "it's \"quoted\" ''' \\ \\' \\n");
    environment.put("NEWLINES", "\na\n\nb\n\n");
    environment.put("COMMANDS", "$(touch x) `touch y` ${HOME} $$ ; touch z & | > w");
    environment.put("DASH", "-e -n");
    environment.put("EMPTY", "");
    environment.put("GLOBS", "* ? [a-z] ~ # !!  \t ");
    StringBuilder all = new StringBuilder("\uD83D\uDE00 日本 ");
    for (char c = 1; c < 0x500; c++) {
      all.append(c);
    }
    environment.put("UNICODE", all.toString());
    for (String name :
        List.of("boot", "shell", "setsid", "job", "PWD", "stat", "program", "CDPATH")) {
      environment.put(name, "mine");
    }
    TaskDirectory task =
        fixture.task(TaskFixture.MASTER, "#!/bin/cat /proc/self/environ", environment, false);
    assertThat(fixture.wrapper(task, shell)).satisfies(p -> assertThat(p.waitFor()).isZero());
    Map<String, String> arrived = new LinkedHashMap<>();
    for (String variable : fixture.out(task).split("\0")) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        arrived.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    environment.remove("PWD"); // the shell's own: where the job is
    assertThat(arrived)
        .containsAllEntriesOf(environment)
        .containsEntry("HOLDFAST_TASK", task.marker());
    assertThat(arrived.keySet())
        .noneMatch(
            name -> name.startsWith("HOLDFAST__") || name.equals(TaskDirectory.WRAPPER_MARKER));
    try (Stream<Path> files = Files.walk(fixture.data)) {
      assertThat(files.map(f -> f.getFileName().toString())).doesNotContain("w", "x", "y", "z");
    }
  }

  @ParameterizedTest
  @CsvSource({"1A", "A-B", "UID", "IFS", "HOLDFAST__W", "HOLDFAST_WRAPPER", "'A B'", "''"})
  void R9_a_name_that_no_shell_can_assign_is_refused(String name) {
    assertThatThrownBy(() -> fixture.task(TaskFixture.MASTER, "", Map.of(name, "x"), false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void R10_output_is_byte_exact_and_appended() throws IOException {
    byte[] all = new byte[70_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) (i * 31 + i / 256);
    }
    Files.write(fixture.data.resolve("all"), all);
    TaskDirectory task = fixture.task("cat all; cat all >&2; [ -t 0 ] || cat");
    Files.writeString(task.stdout(), "before");
    fixture.run(task);
    byte[] expected =
        Stream.of("before".getBytes(StandardCharsets.UTF_8), all)
            .collect(
                java.io.ByteArrayOutputStream::new,
                java.io.ByteArrayOutputStream::writeBytes,
                (a, b) -> {})
            .toByteArray();
    assertThat(Files.readAllBytes(task.stdout())).isEqualTo(expected);
    assertThat(Files.readAllBytes(task.stderr())).isEqualTo(all);
  }

  @ParameterizedTest
  @MethodSource("shells")
  void R10_a_job_with_an_interpreter_is_run_by_it(Path shell) throws Exception {
    TaskDirectory task =
        fixture.task("#!  /usr/bin/env  sh \necho \"$0 $# $-\"; echo 'ünï'; pwd; exit 9\n");
    assertThat(fixture.wrapper(task, shell).waitFor()).isZero();
    assertThat(fixture.out(task))
        .startsWith(task.file("job") + " 0 ")
        .endsWith("ünï\n" + fixture.data + "\n");
    assertThat(task.end())
        .get()
        .isInstanceOfSatisfying(TaskEnd.Exited.class, e -> assertThat(e.code()).isEqualTo(9));
    TaskDirectory plain = fixture.task("echo \"$0 $#\"; env | grep -c HOLDFAST__; exit 9");
    assertThat(fixture.wrapper(plain, shell).waitFor()).isZero();
    assertThat(fixture.out(plain)).isEqualTo(plain.file("job") + " 0\n0\n");
  }

  @Test
  void R9_a_job_has_a_session_of_its_own_without_its_wrapper() {
    TaskDirectory task = fixture.task("cut -d' ' -f5,6 /proc/$$/stat; echo $$; kill 0");
    assertThat(fixture.run(task)).isInstanceOf(TaskEnd.Signalled.class);
    String pid = fixture.out(task).lines().skip(1).findFirst().orElseThrow();
    assertThat(fixture.out(task)).isEqualTo(pid + " " + pid + "\n" + pid + "\n");
    assertThat(task.leader())
        .get()
        .satisfies(l -> assertThat(l.pid()).isEqualTo(Long.parseLong(pid)));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void R9_one_of_many_claims_wins_and_the_job_runs_at_most_once(Path shell) {
    for (int round = 0; round < 12; round++) {
      TaskDirectory task = fixture.task("echo ran >>ran" + round);
      List<CompletableFuture<Boolean>> claims = new ArrayList<>();
      for (int rival = 0; rival < 3; rival++) {
        claims.add(CompletableFuture.supplyAsync(() -> wins(fixture.wrapper(task, shell))));
      }
      // In some rounds `never` competes early, in others late.
      int spin = round * 40_000;
      claims.add(CompletableFuture.supplyAsync(() -> spin(spin) && task.claimNever("test")));
      long winners = claims.stream().map(TaskFixture::get).filter(won -> won).count();
      assertThat(winners).isEqualTo(1);
      boolean never = task.claim() instanceof TaskDirectory.Claim.Never;
      assertThat(fixture.lines("ran" + round)).isEqualTo(never ? 0 : 1);
    }
  }

  private static boolean spin(int turns) {
    for (int i = 0; i < turns; i++) {
      Thread.onSpinWait();
    }
    return true;
  }

  private static boolean wins(Process wrapper) {
    try {
      String said = new String(wrapper.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(said).containsPattern("(?m)^(claimed|lost)");
      return wrapper.waitFor() == 0;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void R9_who_finds_never_does_not_start() {
    TaskDirectory task = fixture.task("touch ran");
    assertThat(task.claimNever("test")).isTrue();
    assertThat(TaskFixture.get(fixture.processes.launch(task)))
        .isEqualTo(new Launch.Refused("claimed by never test"));
    assertThat(fixture.data.resolve("ran")).doesNotExist();
  }

  @Test
  void R9_a_claim_without_a_name_is_nobodys() throws Exception {
    TaskDirectory task = fixture.task("touch ran");
    Files.createFile(task.file("started"));
    assertThat(fixture.wrapper(task).waitFor()).isEqualTo(3);
    assertThat(fixture.data.resolve("ran")).doesNotExist();
  }

  @Test
  void R9_a_full_disk_wins_no_claim() throws Exception {
    Path small = fixture.data.resolve("small");
    Files.createDirectories(small);
    try (SmallFileSystem disk = SmallFileSystem.over(small, "16k")) {
      new LeaseFile(small, "m").write(fixture.clock.now().plusSeconds(100), Duration.ofSeconds(1));
      TaskDirectory task = new TaskDirectory(small, "m", "e", fixture.journal);
      task.create(new TaskDirectory.Contents("touch ran", Map.of(), fixture.data, false));
      disk.fill();
      assertThat(fixture.wrapper(task).waitFor()).isEqualTo(3);
      assertThat(task.claim()).isInstanceOf(TaskDirectory.Claim.Unidentified.class);
      assertThat(fixture.data.resolve("ran")).doesNotExist();
    }
  }

  @Test
  void R9_a_dead_reader_does_not_stop_the_wrapper() throws Exception {
    TaskDirectory task = fixture.task("exit 6");
    Process shell =
        new ProcessBuilder(
                "sh",
                "-c",
                "sh \"$@\" | exec true",
                "x",
                fixture.scripts.task().toString(),
                fixture.clock.bootId(),
                "setsid",
                "/bin/sh")
            .directory(task.path().toFile())
            .start();
    fixture.endAtClose(shell.toHandle());
    TaskFixture.until(() -> task.end().isPresent());
    assertThat(task.end())
        .get()
        .isInstanceOfSatisfying(TaskEnd.Exited.class, e -> assertThat(e.code()).isEqualTo(6));
  }

  @Test
  void R9_killed_between_claim_and_exec_never_runs() {
    TaskDirectory task = fixture.task("touch ran");
    assertThat(task.orderKill(fixture.clock.now(), "test")).isTrue();
    assertThat(fixture.run(task)).isEqualTo(new TaskEnd.NotStarted("killed before it began"));
    assertThat(task.leader()).as("it published its group first").isPresent();
    assertThat(fixture.data.resolve("ran")).doesNotExist();
  }

  @Test
  void R12_a_lease_that_is_over_or_absent_starts_nothing() throws IOException {
    fixture.lease(TaskFixture.MASTER, Duration.ZERO, Duration.ofSeconds(1));
    assertThat(fixture.run(fixture.task("touch ran")))
        .isEqualTo(new TaskEnd.NotStarted("the lease was over before it began"));
    Path file = fixture.data.resolve("masters/m/deadline");
    Records.replace(file, "99999999999 100 another-boot");
    assertThat(fixture.run(fixture.task("touch ran")))
        .isEqualTo(new TaskEnd.NotStarted("there is no lease"));
    Files.writeString(file, "99999999999 100 " + fixture.clock.bootId());
    assertThat(fixture.run(fixture.task("touch ran")))
        .as("without its newline")
        .isEqualTo(new TaskEnd.NotStarted("there is no lease"));
    Files.delete(file);
    assertThat(fixture.run(fixture.task("touch ran")))
        .isEqualTo(new TaskEnd.NotStarted("there is no lease"));
    assertThat(fixture.data.resolve("ran")).doesNotExist();
  }

  @Test
  void R9_a_missing_working_directory_starts_nothing() {
    TaskDirectory task = new TaskDirectory(fixture.data, "m", "e#1.1", fixture.journal);
    task.create(
        new TaskDirectory.Contents("touch ran", Map.of(), Path.of("/no/such/folder"), false));
    assertThat(fixture.run(task))
        .isEqualTo(new TaskEnd.NotStarted("its working directory cannot be entered"));
  }

  @Test
  void R9_of_a_thousand_launches_none_runs_twice() {
    List<CompletableFuture<TaskEnd>> ends = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      TaskDirectory task = fixture.task("echo >>ran-" + i);
      ends.add(
          fixture
              .processes
              .launch(task)
              .thenCompose(l -> fixture.processes.awaitEnd(task, ((Launch.Launched) l).wrapper()))
              .toCompletableFuture());
    }
    assertThat(ends.stream().map(TaskFixture::get))
        .allMatch(e -> e instanceof TaskEnd.Exited x && x.code() == 0);
    for (int i = 0; i < 1000; i++) {
      assertThat(fixture.lines("ran-" + i)).isEqualTo(1);
    }
  }

  static int run(String... command) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
