package io.holdfast.master.history;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.postgres.PostgresJournal;
import io.holdfast.persistence.postgres.PostgresSchema;
import io.holdfast.persistence.postgres.PostgresSettings;
import io.holdfast.testing.postgres.PostgresServer;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The history in a real PostgreSQL. */
class PostgresHistoryTest extends HistoryContract {
  private static PostgresServer server;
  private static Config config;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
    config =
        PostgresJournal.over(
            PersistenceConfig.withDefaults(
                ConfigFactory.parseString(server.settings(server.newDatabase()))));
    new PostgresSchema(PostgresSettings.of(config)).apply(step -> {});
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.close();
    }
  }

  /** A database for each test takes longer than the test. */
  @Override
  HistoryDatabase open() throws SQLException {
    HistoryDatabase open = new PostgresHistory(config).open();
    open.transaction(
        connection -> {
          HistorySql.execute(
              connection,
              "TRUNCATE history_runs, history_executions, history_starts, history_agents,"
                  + " history_progress");
          return open;
        });
    return open;
  }
}
