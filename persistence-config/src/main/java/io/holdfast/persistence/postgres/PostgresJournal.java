package io.holdfast.persistence.postgres;

import akka.actor.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.persistence.JournalTrouble;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

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
   * The same, for the process that has taken the journal: what it writes later than that is
   * refused.
   */
  public static Config over(Config all, PostgresOwner owner) {
    return over(
        ConfigFactory.parseMap(Map.of(PostgresSettings.SECTION + ".fence", owner.epoch()))
            .withFallback(all));
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

  /**
   * Completed, with what happened, once a write of a program found that another process has taken
   * its journal (R13): sooner than by {@link PostgresOwner#prove}, if something is written.
   */
  public static CompletionStage<String> taken(ActorSystem system) {
    return PostgresStore.get(system).taken();
  }

  /** Why the journal of a program takes nothing at the moment, if that is known. */
  public static Optional<JournalTrouble> trouble(ActorSystem system) {
    return PostgresStore.get(system).trouble();
  }

  /** How the server and the database are named to people. */
  public static String place(Config all) {
    return PostgresSettings.of(all).url();
  }

  /**
   * Connections to the journal's database for what is derived from the journal. Their commits wait
   * for the disk as those of the journal do: who derives and has nothing to do would not notice
   * that a crash of the server took what he did last. Whoever takes the pool closes it.
   *
   * @param name of the pool, for people
   * @param most connections at once
   */
  public static HikariDataSource derivedPool(Config all, String name, int most) {
    PostgresSettings settings = PostgresSettings.of(all);
    HikariConfig pool = PostgresStore.pool(settings, most);
    pool.setPoolName(name);
    return new HikariDataSource(pool);
  }
}
