package io.holdfast.master.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.postgres.PostgresSchema;
import io.holdfast.persistence.postgres.PostgresSettings;
import io.holdfast.testing.postgres.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From the journal in PostgreSQL into tables beside it. */
class PostgresProjectionTest extends ProjectionContract {
  private static PostgresServer server;
  private String settings;

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
  @Override
  void begin() throws Exception {
    settings = server.settings(server.newDatabase());
    Config config = PersistenceConfig.withDefaults(ConfigFactory.parseString(settings));
    new PostgresSchema(PostgresSettings.of(config)).apply(step -> {});
    super.begin();
  }

  @Override
  HistoryMaster start() {
    return HistoryMaster.inPostgres(settings);
  }

  @Test
  void P2_aServerThatIsKilledInTheMiddleLosesAndDoublesNothing() throws Exception {
    Happened happened = runs(300);
    long all = happened.all().size();
    master.write(happened.all());
    master.awaitCurrent(all);
    Map<HistoryKind, List<String>> whole = master.rows();

    master.history().rebuild().toCompletableFuture().join();
    await()
        .atMost(HistoryMaster.PATIENCE)
        .ignoreException(HistoryUnavailableException.class)
        .pollInterval(Duration.ofMillis(2))
        .until(this::taken, taken -> 0 < taken && taken < all);
    server.kill();
    server.startAgain();

    master.awaitCurrent(all);
    assertThat(master.progress().path("events").asLong()).isEqualTo(all);
    assertThat(master.rows()).isEqualTo(whole);
  }

  private long taken() {
    return master.progress().path("events").asLong();
  }

  @Test
  void aServerThatGoesAndComesAgainLeavesTheHistoryWhole() throws Exception {
    Happened happened = runs(40);
    int before = happened.all().size();
    master.write(happened.all());
    master.awaitCurrent(before);
    server.kill();
    await()
        .atMost(HistoryMaster.PATIENCE)
        .until(
            () -> {
              try {
                master.search(HistoryKind.RUNS, Map.of());
                return false;
              } catch (HistoryUnavailableException e) {
                return true;
              }
            });
    server.startAgain();
    happened.asked("tick#41");
    await()
        .atMost(HistoryMaster.PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              master.write(happened.all().subList(before, before + 1));
              return true;
            });
    await()
        .atMost(HistoryMaster.PATIENCE)
        .ignoreException(HistoryUnavailableException.class)
        .until(
            () ->
                master.search(HistoryKind.RUNS, Map.of("state", "queued")).path("runs").size()
                    == 1);
    assertThat(master.rows().get(HistoryKind.RUNS)).hasSize(41).doesNotHaveDuplicates();
  }
}
