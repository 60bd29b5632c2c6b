package io.holdfast.persistence.postgres;

import com.typesafe.config.Config;
import io.holdfast.persistence.contract.StoreContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, on PostgreSQL. */
class PostgresContractTest extends StoreContract {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private String database;

  @BeforeEach
  void makeDatabase() {
    database = POSTGRES.database();
  }

  @Override
  protected Config config() {
    return POSTGRES.config(database);
  }
}
