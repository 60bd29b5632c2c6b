package io.holdfast.persistence.postgres;

import io.holdfast.persistence.snapshot.SnapshotShelf;
import io.holdfast.persistence.snapshot.StoredSnapshot;
import io.holdfast.persistence.snapshot.UnreadableSnapshotException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots in the table {@code snapshot}. The columns for metadata hold what the snapshot is
 * verified by: the hash of the event that it stands behind, and a SHA-256 over all of it.
 */
final class PostgresShelf implements SnapshotShelf {
  private static final String VERIFIED_BY = "holdfast-snapshot/1";
  private static final int DIGEST_BYTES = 32;

  /** More than these there are only where somebody else wrote. */
  private static final int MOST = 100;

  private final PostgresStore store;

  PostgresShelf(PostgresStore store) {
    this.store = store;
  }

  @Override
  public String place(String id, long sequenceNr) {
    return "of '%s' behind event %d in %s".formatted(id, sequenceNr, store.settings().url());
  }

  @Override
  public List<Long> numbers(String id) {
    return store.with(
        connection -> {
          List<Long> numbers = new ArrayList<>();
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT sequence_number FROM snapshot WHERE persistence_id = ?"
                      + " ORDER BY sequence_number DESC LIMIT "
                      + MOST)) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                numbers.add(rows.getLong(1));
              }
            }
          }
          return numbers;
        });
  }

  @Override
  public StoredSnapshot read(String id, long sequenceNr) throws UnreadableSnapshotException {
    Row row =
        store
            .with(connection -> row(connection, id, sequenceNr))
            .orElseThrow(() -> new UnreadableSnapshotException("it is not there any more"));
    byte[] digest = Arrays.copyOfRange(row.verification(), Long.BYTES, row.verification().length);
    if (digest.length != DIGEST_BYTES || !Arrays.equals(digest, row.snapshot().digest())) {
      throw new UnreadableSnapshotException("its checksum does not match");
    }
    return row.snapshot();
  }

  private record Row(StoredSnapshot snapshot, byte[] verification) {}

  private static Optional<Row> row(Connection connection, String id, long sequenceNr)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT created, snapshot_ser_id, snapshot_ser_manifest, snapshot_payload,"
                + " meta_payload FROM snapshot WHERE persistence_id = ? AND sequence_number = ?")) {
      select.setString(1, id);
      select.setLong(2, sequenceNr);
      try (ResultSet found = select.executeQuery()) {
        if (!found.next()) {
          return Optional.empty();
        }
        byte[] verification = found.getBytes(5);
        if (verification == null || verification.length < Long.BYTES) {
          verification = new byte[Long.BYTES];
        }
        return Optional.of(
            new Row(
                new StoredSnapshot(
                    id,
                    sequenceNr,
                    found.getLong(1),
                    ByteBuffer.wrap(verification).getLong(),
                    found.getInt(2),
                    found.getString(3),
                    found.getBytes(4)),
                verification));
      }
    }
  }

  @Override
  public void put(StoredSnapshot snapshot) {
    byte[] verification =
        ByteBuffer.allocate(Long.BYTES + DIGEST_BYTES)
            .putLong(snapshot.eventHash())
            .put(snapshot.digest())
            .array();
    store.with(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO snapshot (persistence_id, sequence_number, created, snapshot_ser_id,"
                      + " snapshot_ser_manifest, snapshot_payload, meta_ser_id, meta_ser_manifest,"
                      + " meta_payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                      + " ON CONFLICT (persistence_id, sequence_number) DO UPDATE SET"
                      + " created = excluded.created, snapshot_ser_id = excluded.snapshot_ser_id,"
                      + " snapshot_ser_manifest = excluded.snapshot_ser_manifest,"
                      + " snapshot_payload = excluded.snapshot_payload,"
                      + " meta_ser_id = excluded.meta_ser_id,"
                      + " meta_ser_manifest = excluded.meta_ser_manifest,"
                      + " meta_payload = excluded.meta_payload")) {
            insert.setString(1, snapshot.persistenceId());
            insert.setLong(2, snapshot.sequenceNr());
            insert.setLong(3, snapshot.timestamp());
            insert.setInt(4, snapshot.serializerId());
            insert.setString(5, snapshot.manifest());
            insert.setBytes(6, snapshot.payload());
            insert.setNull(7, Types.INTEGER);
            insert.setString(8, VERIFIED_BY);
            insert.setBytes(9, verification);
            insert.executeUpdate();
          }
          return null;
        });
  }

  @Override
  public void remove(String id, long sequenceNr) {
    store.with(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM snapshot WHERE persistence_id = ? AND sequence_number = ?")) {
            delete.setString(1, id);
            delete.setLong(2, sequenceNr);
            delete.executeUpdate();
          }
          return null;
        });
  }
}
