package io.holdfast.persistence.postgres;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

/** How a program gets its journal in PostgreSQL. */
public final class PostgresJournal {
  private PostgresJournal() {}

  /**
   * The configuration of a program, changed so that Akka keeps its events in PostgreSQL, at {@code
   * holdfast.journal.postgres}.
   */
  public static Config over(Config all) {
    return ConfigFactory.parseResources("holdfast-postgres.conf").withFallback(all).resolve();
  }

  /**
   * Whether a program may start with this configuration: the server is there, and the schema is the
   * one that this version needs.
   *
   * @throws io.holdfast.persistence.JournalException saying what is not right and what to do
   */
  public static void check(Config all) {
    new PostgresSchema(PostgresSettings.of(all)).check();
  }
}
