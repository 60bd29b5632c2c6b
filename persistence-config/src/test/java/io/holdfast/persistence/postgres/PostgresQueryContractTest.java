package io.holdfast.persistence.postgres;

import akka.persistence.jdbc.query.javadsl.JdbcReadJournal;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.contract.QueryContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract of the queries, on PostgreSQL. */
class PostgresQueryContractTest extends QueryContract {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private String database;

  @BeforeEach
  void makeDatabase() {
    database = POSTGRES.database();
  }

  @Override
  protected Config config() {
    // Here a number that is missing is given up soon.
    return ConfigFactory.parseString(
            "jdbc-read-journal { refresh-interval = 200ms, journal-sequence-retrieval { max-tries ="
                + " 3, query-delay = 200ms } }")
        .withFallback(POSTGRES.config(database));
  }

  @Override
  protected String plugin() {
    return JdbcReadJournal.Identifier();
  }
}
