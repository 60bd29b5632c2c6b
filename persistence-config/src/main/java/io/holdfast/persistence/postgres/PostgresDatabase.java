package io.holdfast.persistence.postgres;

import akka.actor.ActorSystem;
import akka.persistence.jdbc.db.SlickDatabase;
import akka.persistence.jdbc.db.SlickDatabaseProvider;
import com.typesafe.config.Config;
import scala.Option;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcBackend$;
import slick.jdbc.JdbcProfile;
import slick.jdbc.PostgresProfile$;
import slick.util.AsyncExecutor$;

/**
 * Gives the queries and the snapshot store of akka-persistence-jdbc the connections of {@link
 * PostgresStore}, so that there is one pool with one set of settings. Named in {@code
 * holdfast-postgres.conf}.
 */
public final class PostgresDatabase implements SlickDatabaseProvider {
  private static final int MOST_WAITING = 1000;

  private final SlickDatabase database;

  /** For akka-persistence-jdbc. */
  public PostgresDatabase(ActorSystem system) {
    PostgresStore store = PostgresStore.get(system);
    int threads = store.settings().queryThreads();
    JdbcBackend.DatabaseDef made =
        JdbcBackend$.MODULE$
            .Database()
            .forDataSource(
                store.pool(),
                Option.apply(threads),
                AsyncExecutor$.MODULE$.apply(
                    "journal-queries", threads, threads, MOST_WAITING, threads),
                false);
    database = new Shared(made);
  }

  /** It is closed with the pool. */
  private record Shared(JdbcBackend.DatabaseDef database) implements SlickDatabase {
    @Override
    public JdbcProfile profile() {
      return PostgresProfile$.MODULE$;
    }

    @Override
    public boolean allowShutdown() {
      return false;
    }
  }

  @Override
  public SlickDatabase database(Config config) {
    return database;
  }
}
