package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever is not reached, or is somebody else. */
class ConnectionTest {
  @TempDir private Path dir;
  private FakeMaster master;
  private Cli cli;

  @BeforeEach
  void start() throws IOException {
    master = new FakeMaster();
    cli = new Cli(master);
  }

  @AfterEach
  void stop() {
    master.close();
  }

  @Test
  void nobodyThere() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThat(cli.run("jobs", "--master", "http://127.0.0.1:" + port)).isEqualTo(2);
    assertThat(cli.err())
        .isEqualTo(
            ("holdfast: cannot reach the master at http://127.0.0.1:%d: connection refused.\n"
                    + "Is it running? Start it with 'holdfast master', or name another with --master URL\n")
                .formatted(port));
    assertThat(cli.run("--master", "http://no-such-host.invalid", "jobs")).isEqualTo(2);
    assertThat(cli.err()).contains("the host name is not known");
    assertThat(cli.run("run", "tick", "--master", "http://127.0.0.1:" + port)).isEqualTo(2);
    assertThat(cli.err()).contains("connection refused").doesNotContain("Trying");
  }

  @Test
  void closedWithoutAnAnswer() {
    master.on("GET /jobs", exchange -> exchange.close());
    assertThat(cli.run("jobs")).isEqualTo(2);
    assertThat(cli.err()).contains("the connection was closed without an answer");
  }

  @Test
  void somebodyElse() {
    master.on("GET /jobs", exchange -> FakeMaster.send(exchange, 200, "text/html", "<html>"));
    assertThat(cli.run("jobs")).isEqualTo(2);
    assertThat(cli.err())
        .isEqualTo(
            "holdfast: what answers at %s is not a Holdfast master (status 200, text/html): check --master or HOLDFAST_MASTER_URL\n"
                .formatted(master.url()));
    master.on("GET /jobs", exchange -> FakeMaster.send(exchange, 404, "text/plain", "no"));
    assertThat(cli.run("jobs")).isEqualTo(2);
    assertThat(cli.err()).contains("not a Holdfast master (status 404, text/plain)");
    for (String other : new String[] {"{}", "[]", "{\"jobs", "7", ""}) {
      master.on("GET /jobs", 200, other);
      assertThat(cli.run("jobs")).isEqualTo(2);
      assertThat(cli.err()).contains("not a Holdfast master");
    }
    String run = "{\"id\":\"t#1\",\"state\":\"active\",\"executions\":[{\"id\":\"t#1.1\"}]}";
    master.on("GET /runs/t%231", 200, run);
    master.on(
        "GET /executions/t%231.1/logs/stdout",
        exchange -> FakeMaster.send(exchange, 200, "text/html", "<html>"));
    assertThat(cli.run("logs", "t#1")).isEqualTo(2);
    assertThat(cli.out()).isEmpty();
  }

  @Test
  void aRefusalIsTold() {
    master.on(
        "GET /jobs", 503, "{\"title\":\"x\",\"status\":503,\"detail\":\"journal not there\"}");
    assertThat(cli.run("jobs")).isEqualTo(2);
    assertThat(cli.err()).contains("journal not there");
    master.on("GET /jobs", 500, "{\"title\":\"broken\\u001b[2J\",\"status\":500}");
    assertThat(cli.run("jobs")).isEqualTo(2);
    assertThat(cli.err()).isEqualTo("holdfast: broken [2J\n");
  }

  @Test
  void theTokenIsSentAndAskedFor() throws IOException {
    master.on("GET /jobs", 200, "{\"jobs\":[]}");
    cli.run("jobs");
    cli.env("HOLDFAST_TOKEN", "from-env").run("jobs");
    Path file = Files.writeString(dir.resolve("token"), "from-file\n");
    cli.run("jobs", "--token-file", file.toString());
    cli.run("jobs", "--token-file", file.toString(), "--token", "given");
    assertThat(master.requests())
        .extracting(FakeMaster.Request::authorization)
        .containsExactly(null, "Bearer from-env", "Bearer from-file", "Bearer given");
    master.on("GET /jobs", 401, "{\"title\":\"Unauthorized\",\"status\":401}");
    assertThat(cli.run("jobs")).isEqualTo(2);
    assertThat(cli.err()).contains("does not accept this token").doesNotContain("from-env");
    assertThat(cli.env("HOLDFAST_TOKEN", "").run("jobs")).isEqualTo(2);
    assertThat(cli.err()).contains("wants a token: set HOLDFAST_TOKEN");
    assertThat(cli.run("jobs", "--token-file", dir.resolve("no").toString())).isEqualTo(2);
    assertThat(cli.err()).contains("there is no token file");
    assertThat(cli.run("jobs", "--token", "a\nb")).isEqualTo(2);
    assertThat(cli.err()).contains("the token holds a blank").doesNotContain("a\nb");
  }

  @Test
  void addressesAreChecked() {
    master.on("GET /jobs", 200, "{\"jobs\":[]}");
    assertThat(cli.run("jobs", "--master", master.url() + "//")).isZero();
    for (String bad :
        new String[] {
          "localhost:7700", "ftp://x", "http://", "http://u:p@h", "http://h?x", "a b"
        }) {
      assertThat(cli.run("jobs", "--master", bad)).isEqualTo(2);
      assertThat(cli.err()).contains("--master is '" + bad + "', which is no address of a master");
    }
    assertThat(cli.env("HOLDFAST_MASTER_URL", "nonsense").run("jobs")).isEqualTo(2);
    assertThat(cli.err()).contains("HOLDFAST_MASTER_URL is 'nonsense'");
  }
}
