package io.holdfast.persistence.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.PersistenceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** How the schema is made, and what a database must be like before it is used. */
class PostgresSchemaTest {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private final String database = POSTGRES.emptyDatabase();
  private final PostgresSettings settings = POSTGRES.settings(database);
  private final PostgresSchema schema = new PostgresSchema(settings);

  private static Migration step(int version, String sql) {
    return new Migration(version, "step" + version, sql);
  }

  private List<String> apply(PostgresSchema some) {
    List<String> told = new ArrayList<>();
    some.apply(told::add);
    return told;
  }

  @Test
  void isMadeOnceAndThenFoundRight() {
    assertThatThrownBy(schema::check)
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("no schema")
        .hasMessageContaining("holdfast schema apply");
    assertThat(apply(schema)).containsExactly("1 journal", "2 kinds", "3 history", "4 owner");
    assertThat(apply(schema)).isEmpty();
    schema.check();
    assertThat(
            POSTGRES
                .server()
                .execute(
                    database,
                    "UPDATE holdfast_schema SET name = name WHERE applied_at <= now()"
                        + " AND length(checksum) = 64"))
        .isEqualTo(4);
  }

  @Test
  void aDryRunSaysWhatWouldBeDoneAndDoesNothing() {
    assertThat(schema.pending()).hasSize(4);
    assertThat(schema.pending().get(0))
        .contains("CREATE TABLE event_journal", "CREATE TABLE journal_head");
    assertThatThrownBy(schema::check).hasMessageContaining("no schema");
    apply(schema);
    assertThat(schema.pending()).isEmpty();
  }

  @Test
  void twoThatApplyAtOnceDoEachStepOnce() {
    ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    CompletableFuture.allOf(
            CompletableFuture.runAsync(() -> schema.apply(told::add)),
            CompletableFuture.runAsync(() -> new PostgresSchema(settings).apply(told::add)))
        .join();
    assertThat(told).containsExactly("1 journal", "2 kinds", "3 history", "4 owner");
  }

  @Test
  void eventsFromBeforeGetTheKindOfTheirIdAsATag() {
    new PostgresSchema(settings, Migration.ALL.subList(0, 1)).apply(step -> {});
    List<String> ids = List.of("job|a", "job|b|c", "catalog", "|odd");
    for (String id : ids) {
      insertEvent(id);
    }
    execute("INSERT INTO event_tag (event_id, tag) VALUES (1, 'job'), (1, 'red')");

    assertThat(apply(schema)).containsExactly("2 kinds", "3 history", "4 owner");
    assertThat(
            execute(
                "UPDATE event_tag SET tag = tag WHERE (event_id, tag) IN"
                    + " ((1, 'job'), (1, 'red'), (2, 'job'), (3, 'catalog'), (4, '|odd'))"))
        .isEqualTo(5);
    assertThat(execute("UPDATE event_tag SET tag = tag")).isEqualTo(5);
  }

  private void insertEvent(String id) {
    execute(
        "INSERT INTO event_journal (persistence_id, sequence_number, writer, write_timestamp,"
            + " adapter_manifest, event_ser_id, event_ser_manifest, event_payload, previous_hash,"
            + " hash) VALUES ('"
            + id
            + "', 1, '', 0, '', 1, '', '', 0, 0)");
  }

  private int execute(String sql) {
    return POSTGRES.server().execute(database, sql);
  }

  @Test
  void olderNewerAndOtherSchemasAreRefused() {
    Migration first = step(1, "CREATE TABLE a (x INT)");
    Migration second = step(2, "ALTER TABLE a ADD y INT");
    PostgresSchema old = new PostgresSchema(settings, List.of(first));
    PostgresSchema now = new PostgresSchema(settings, List.of(first, second));
    apply(old);
    assertThatThrownBy(now::check)
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("version 1, and 2 is needed")
        .hasMessageContaining("holdfast schema apply");
    assertThat(apply(now)).containsExactly("2 step2");
    now.check();

    for (Runnable use : List.<Runnable>of(old::check, () -> apply(old), old::pending)) {
      assertThatThrownBy(use::run)
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("version 2, and this Holdfast knows only 1");
    }
    PostgresSchema other =
        new PostgresSchema(settings, List.of(step(1, "CREATE TABLE b (x INT)"), second));
    assertThatThrownBy(other::check)
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("1 step1")
        .hasMessageContaining("another form");
  }

  @Test
  void aStepThatFailsLeavesNothingBehind() {
    Migration good = step(1, "CREATE TABLE a (x INT)");
    PostgresSchema bad =
        new PostgresSchema(
            settings,
            List.of(good, step(2, "CREATE TABLE b (x INT); ALTER TABLE nobody ADD y INT")));
    assertThatThrownBy(() -> apply(bad)).hasMessageContaining("nobody");
    assertThat(apply(new PostgresSchema(settings, List.of(good, step(2, "CREATE TABLE b ()")))))
        .containsExactly("2 step2");
  }

  @Test
  void aServerThatDoesNotSyncIsRefused() {
    apply(schema);
    POSTGRES.server().execute(database, "ALTER SYSTEM SET fsync = off");
    try {
      POSTGRES.server().execute(database, "SELECT pg_reload_conf()");
      Awaitility.await()
          .atMost(java.time.Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThatThrownBy(schema::check)
                      .isInstanceOf(SchemaException.class)
                      .hasMessageContaining("fsync")
                      .hasMessageContaining("must be on"));
    } finally {
      POSTGRES.server().execute(database, "ALTER SYSTEM RESET fsync");
      POSTGRES.server().execute(database, "SELECT pg_reload_conf()");
    }
    Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(SchemaException.class)
        .untilAsserted(schema::check);
  }

  @Test
  void aServerThatIsNotThereOrDoesNotLetUsInIsNamed(@TempDir Path folder) throws IOException {
    Path password = Files.writeString(folder.resolve("password"), "wrong\n");
    String wrongPassword =
        POSTGRES.server().settings(database)
            + "holdfast.journal.postgres { password = \"\", password-file = \""
            + password
            + "\" }";
    assertThatThrownBy(() -> new PostgresSchema(parse(wrongPassword)).check())
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("password authentication failed")
        .hasMessageContaining("holdfast.journal.postgres")
        .hasMessageNotContaining("wrong");
    String nobody =
        POSTGRES.server().settings(database) + "holdfast.journal.postgres.database = nobodys";
    assertThatThrownBy(() -> new PostgresSchema(parse(nobody)).check())
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("nobodys");
    String closed = POSTGRES.server().settings(database) + "holdfast.journal.postgres.port = 1";
    assertThatThrownBy(() -> new PostgresSchema(parse(closed)).check())
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("127.0.0.1:1/");
  }

  @Test
  void aPasswordMayStandInAFile(@TempDir Path folder) throws IOException {
    Path password =
        Files.writeString(
            folder.resolve("password"),
            io.holdfast.testing.postgres.PostgresServer.PASSWORD + "\n");
    String fromFile =
        POSTGRES.server().settings(database)
            + "holdfast.journal.postgres { password = \"\", password-file = \""
            + password
            + "\" }";
    assertThat(apply(new PostgresSchema(parse(fromFile)))).isNotEmpty();
    assertThat(parse(fromFile).toString())
        .doesNotContain(io.holdfast.testing.postgres.PostgresServer.PASSWORD);
  }

  @Test
  void settingsThatCannotBeAreNamed() {
    for (String wrong :
        List.of(
            "port = 0",
            "ssl-mode = maybe",
            "host = \"a/b\"",
            "database = \"x?y\"",
            "user = \"\"",
            "read-threads = 0",
            "socket-timeout = 5s",
            "connect-timeout = 1ms",
            "password-file = \"/no/such/file\", password = \"\"",
            "password-file = \"/dev/null\", password = secret",
            "max-event-bytes = 2G")) {
      String key = wrong.substring(0, wrong.indexOf(' '));
      assertThatThrownBy(() -> parse("holdfast.journal.postgres { " + wrong + " }"))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("holdfast.journal.postgres." + key)
          .hasMessageNotContaining("secret");
    }
  }

  private static PostgresSettings parse(String settings) {
    return PostgresSettings.of(PersistenceConfig.withDefaults(ConfigFactory.parseString(settings)));
  }
}
