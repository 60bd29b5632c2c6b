package io.holdfast.persistence.postgres;

import com.typesafe.config.Config;
import io.holdfast.persistence.contract.SnapshotContract;
import java.sql.SQLException;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, on PostgreSQL. */
class PostgresSnapshotContractTest extends SnapshotContract {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private final String database = POSTGRES.database();

  @Override
  protected Config config() {
    return POSTGRES.config(database);
  }

  private void execute(String sql) {
    POSTGRES.server().execute(database, sql);
  }

  @Override
  protected void backUp() {
    execute("CREATE TABLE copied_events AS SELECT * FROM event_journal");
    execute("CREATE TABLE copied_heads AS SELECT * FROM journal_head");
  }

  @Override
  protected void restore() {
    execute("DELETE FROM event_journal");
    execute("DELETE FROM journal_head");
    execute("INSERT INTO event_journal SELECT * FROM copied_events");
    execute("INSERT INTO journal_head SELECT * FROM copied_heads");
  }

  @Override
  protected void damage(String id, long sequenceNr) {
    execute(
        "UPDATE snapshot SET snapshot_payload = 'state-x'::bytea WHERE persistence_id = '%s' AND sequence_number = %d"
            .formatted(id, sequenceNr));
  }

  @Override
  protected int stored(String id) {
    try (var connection = POSTGRES.server().connect(database);
        var rows = connection.createStatement().executeQuery("SELECT count(*) FROM snapshot")) {
      rows.next();
      return rows.getInt(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
