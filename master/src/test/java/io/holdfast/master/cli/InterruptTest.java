package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, with a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class InterruptTest {
  @TempDir private Path dir;

  @Test
  @Timeout(60)
  void leavesTheRunAndSaysHowToGetBack() throws IOException, InterruptedException {
    try (FakeMaster master = new FakeMaster()) {
      master.on("POST /jobs/tick/runs", 201, "{\"id\":\"tick#1\",\"state\":\"active\"}");
      master.on("GET /runs/tick%231", 200, "{\"id\":\"tick#1\",\"state\":\"active\"}");
      Path err = dir.resolve("err");
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  HoldfastCli.class.getName(),
                  "run",
                  "tick",
                  "--follow",
                  "--master",
                  master.url())
              .redirectError(err.toFile())
              .redirectOutput(dir.resolve("out").toFile())
              .start();
      try {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> master.requests().size() > 2);
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.exitValue()).isEqualTo(130);
      assertThat(Files.readString(err, StandardCharsets.UTF_8))
          .contains(
              "holdfast: Run tick#1 goes on. Back to it: holdfast logs -f tick#1; stop it: holdfast cancel tick#1");
      assertThat(master.requests()).noneMatch(request -> request.path().endsWith("cancel"));
    }
  }
}
