package io.holdfast.persistence.postgres;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.testing.postgres.PostgresServer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One server for a test class. On a machine without one the class is skipped; where all tests must
 * run (the environment has CI) it fails instead.
 */
final class PostgresTest implements BeforeAllCallback, AfterAllCallback {
  private PostgresServer server;

  @Override
  public void beforeAll(ExtensionContext context) {
    server = PostgresServer.start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (server != null) {
      server.close();
    }
  }

  PostgresServer server() {
    return server;
  }

  /** A new database without a schema; its name. */
  String emptyDatabase() {
    return server.newDatabase();
  }

  /** A new database with the schema; its name. */
  String database() {
    String database = emptyDatabase();
    new PostgresSchema(settings(database)).apply(step -> {});
    return database;
  }

  PostgresSettings settings(String database) {
    return PostgresSettings.of(config(database));
  }

  /** The configuration of a program with its journal there. */
  Config config(String database) {
    return PostgresJournal.over(
        PersistenceConfig.withDefaults(ConfigFactory.parseString(server.settings(database))));
  }
}
