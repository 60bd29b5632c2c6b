package io.holdfast.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class LocalSystemTest {
  @TempDir private Path kept;

  @Test
  void nodesRestartOnTheirPortBehindTheirProxyAndNothingIsLeft() throws Exception {
    Path[] folder = new Path[1];
    Set<Long> pids = new HashSet<>();
    system()
        .agents(2)
        .masters("main", "other")
        .run(
            system -> {
              folder[0] = system.folder();
              long first = system.client().get("/").path("pid").asLong();
              assertThat(first).isEqualTo(system.master().process().pid());
              assertThat(system.processes()).hasSize(6).contains(first);
              pids.addAll(system.processes());

              URI before = system.master().uri();
              system.master().kill9();
              assertThatThrownBy(() -> system.client().get("/"))
                  .hasRootCauseInstanceOf(IOException.class);
              system.master().start();
              assertThat(system.master().uri()).isEqualTo(before);
              long second = system.client().get("/").path("pid").asLong();
              assertThat(second).isNotEqualTo(first);
              pids.add(second);

              assertThat(ask(system.proxy("agent-2")))
                  .contains(String.valueOf(system.agent("agent-2").process().pid()));
              system.proxy("main", "agent-2").cut();
              assertThatThrownBy(() -> ask(system.proxy("agent-2")))
                  .isInstanceOf(IOException.class);
              assertThat(ask(system.proxy("other", "agent-2"))).contains("pid");
            });
    assertThat(folder[0]).doesNotExist();
    assertThat(kept).isEmptyDirectory();
    assertThat(pids).hasSize(7).allMatch(pid -> "-Z".indexOf(ProcessTable.state(pid)) >= 0);
  }

  @Test
  void theConfigIsOfTheAgreedForm() {
    try (LocalSystem system = system().masterConfig("holdfast.master.x = 1").create()) {
      assertThat(system.master().config())
          .contains("holdfast.master {\n  id = \"main\"")
          .contains("http { host = \"127.0.0.1\", port = " + system.master().port() + " }")
          .contains(
              "timing { heartbeat-period = 500ms, retry-attempts = 10, kill-grace = 1500ms, margin = 100ms }")
          .contains("authority-ttl = 1000ms")
          .contains("{ id = \"agent-1\", url = \"" + system.proxy().uri() + "\", token = \"")
          .endsWith("holdfast.master.x = 1\n");
      String token = system.master().config().replaceAll("(?s).*token = \"(.*?)\".*", "$1");
      assertThat(system.agent().config())
          .contains("holdfast.agent {\n  id = \"agent-1\"")
          .contains("task-limit = 16")
          .contains("\"main\" { token = \"" + token + "\" }");
    }
  }

  @Test
  void aFailureCarriesTheLastLinesAndKeepsTheLogs() throws Exception {
    assertThatThrownBy(
            () ->
                system()
                    .run(
                        system -> {
                          system.master().kill9();
                          throw new AssertionError("as expected");
                        }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("as expected")
        .satisfies(
            failure ->
                assertThat(failure.getSuppressed()[0])
                    .hasMessageContaining("some other line")
                    .hasMessageContaining("master main (dead)"));
    try (var files = Files.walk(kept)) {
      assertThat(files.map(file -> file.getFileName().toString()).toList())
          .contains("master.log", "master.conf", "agent.log", "agent.conf");
    }
  }

  @Test
  void aProgramThatEndsInsteadOfGettingReadyFailsAtOnce() {
    assertThatThrownBy(() -> system().masterConfig("break = true").run(system -> {}))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("master main")
        .hasMessageContaining("has ended, code 3")
        .hasMessageContaining("cannot start: told so");
  }

  @Test
  void aPausedNodeAnswersOnlyWhenItIsResumed() throws Exception {
    system()
        .run(
            system -> {
              system.agent().pause();
              assertThat(ProcessTable.state(system.agent().process().pid())).isEqualTo('T');
              assertThatThrownBy(() -> ask(system.proxy(), Duration.ofMillis(200)))
                  .isInstanceOf(java.net.http.HttpTimeoutException.class);
              system.agent().resume();
              assertThat(ask(system.proxy())).contains("pid");
              system.agent().pause(); // Closing ends it all the same.
            });
  }

  @Test
  void aProgramThatIsNotPackagedIsNamedWithWhatToDo() {
    assertThatThrownBy(() -> Program.packaged(kept, "master", "Main"))
        .hasMessageContaining("'master' is not packaged")
        .hasMessageContaining("Run mvn package first");
  }

  @Test
  void theRootIsFoundAboveTheWorkingDirectory() throws IOException {
    Path module = Files.createDirectories(kept.resolve("root/module/deep"));
    Files.writeString(kept.resolve("root/pom.xml"), "<project><modules/></project>");
    Files.writeString(kept.resolve("root/module/pom.xml"), "<project/>");
    assertThatThrownBy(() -> Program.homeAbove(Path.of("/")))
        .hasMessageContaining("-Dholdfast.home");
    Files.writeString(kept.resolve("root/pom.xml"), "<project><modules></modules></project>");
    assertThat(Program.homeAbove(module)).isEqualTo(kept.resolve("root"));
  }

  @Test
  void aProgramEndsWhenItsInputEnds() throws Exception {
    system()
        .run(
            system -> {
              system.master().process().closeInput();
              assertThat(system.master().process().awaitExit(Duration.ofSeconds(20))).isZero();
              await().until(() -> !system.master().isAlive());
            });
  }

  @Test
  void killingTheParentEndsAllOfItsPrograms() throws IOException {
    Program parentProgram = new Program(FakeNode.PROGRAM.classPath(), FakeParent.class.getName());
    JvmLaunch launch = JvmLaunch.of("parent", parentProgram, kept.resolve("parent.log"));
    for (String name : List.of("a", "b")) {
      Path config = kept.resolve(name + ".conf");
      Files.writeString(config, "holdfast.master { id = \"" + name + "\", http { port = 0 } }");
      launch.arguments(config.toString());
    }
    try (JvmProcess parent = launch.start()) {
      Matcher pids =
          parent.awaitLine(Pattern.compile("children (\\d+) (\\d+)"), Duration.ofSeconds(60));
      parent.kill9();
      await()
          .untilAsserted(
              () ->
                  assertThat(List.of(pids.group(1), pids.group(2)))
                      .allMatch(pid -> "-Z".indexOf(ProcessTable.state(Long.parseLong(pid))) >= 0));
    }
  }

  @Test
  void timesKeepTheirRelations() {
    assertThat(Timing.PRODUCTION.lease()).isEqualTo(Duration.ofSeconds(60));
    assertThat(Timing.PRODUCTION.release()).isEqualTo(Duration.ofMillis(76_750));
    assertThat(Timing.TEST.lease()).isEqualTo(Duration.ofSeconds(6));
    assertThat(Timing.TEST.release()).isEqualTo(Duration.ofMillis(7_675));
  }

  private LocalSystemBuilder system() {
    return LocalSystem.named("harness")
        .programs(FakeNode.PROGRAM, FakeNode.PROGRAM)
        .keepFailuresIn(kept);
  }

  private static String ask(FaultProxy proxy) throws IOException, InterruptedException {
    return ask(proxy, Duration.ofSeconds(20));
  }

  private static String ask(FaultProxy proxy, Duration timeout)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(proxy.uri()).timeout(timeout).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
