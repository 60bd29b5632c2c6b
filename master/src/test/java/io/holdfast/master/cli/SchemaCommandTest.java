package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testing.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code holdfast schema}, against a real server. */
class SchemaCommandTest {
  private static PostgresServer server;

  private FakeMaster master;
  private Cli cli;
  private String database;
  private Path config;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void endServer() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void configure(@TempDir Path folder) throws IOException {
    master = new FakeMaster();
    cli = new Cli(master);
    database = server.newDatabase();
    config = Files.writeString(folder.resolve("master.conf"), server.settings(database));
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private int schema(String... more) {
    String[] all = new String[more.length + 3];
    all[0] = "schema";
    System.arraycopy(more, 0, all, 1, more.length);
    all[more.length + 1] = "--config";
    all[more.length + 2] = config.toString();
    return cli.run(all);
  }

  @Test
  void isShownThenAppliedThenDone() {
    assertThat(schema("apply", "--dry-run")).isZero();
    assertThat(cli.out()).contains("CREATE TABLE event_journal");
    assertThat(schema("apply")).isZero();
    assertThat(cli.out())
        .isEqualTo("applied 1 journal\napplied 2 kinds\napplied 3 history\napplied 4 owner\n");
    assertThat(schema("apply")).isZero();
    assertThat(cli.out()).contains("nothing to do", database);
    assertThat(schema("apply", "--dry-run")).isZero();
    assertThat(cli.out()).startsWith("-- nothing to do");
  }

  @Test
  void verifyNamesWhatIsNotAsItWasWritten() {
    schema("apply");
    assertThat(schema("verify")).isZero();
    assertThat(cli.out()).contains("0 events of 0 persistence ids");
    server.execute(database, "INSERT INTO journal_head VALUES ('job|a', 3, 0, 12, 0)");
    assertThat(schema("verify")).isEqualTo(HoldfastCli.FAILED);
    assertThat(cli.out()).contains("'job|a', sequence number 1");
    assertThat(cli.err()).contains("1 of 1 persistence ids");
  }

  @Test
  void whatIsWrongWithTheDatabaseOrTheFileIsSaid() throws IOException {
    assertThat(schema("verify")).isEqualTo(HoldfastCli.FAILED);
    assertThat(cli.err()).contains(database, "no schema", "holdfast schema apply");
    Files.writeString(config, "holdfast.journal.postgres { port = 0 }");
    assertThat(schema("apply")).isEqualTo(HoldfastCli.FAILED);
    assertThat(cli.err()).contains("holdfast.journal.postgres.port = 0");
    Files.delete(config);
    assertThat(schema("apply")).isEqualTo(HoldfastCli.FAILED);
    assertThat(cli.err()).contains("there is no file");
    assertThat(cli.run("schema")).isEqualTo(HoldfastCli.FAILED);
    assertThat(cli.err()).contains("apply or verify");
  }
}
