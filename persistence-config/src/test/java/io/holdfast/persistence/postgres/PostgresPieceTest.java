package io.holdfast.persistence.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.persistence.contract.JournalClient;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replay comes in pieces that are bounded by events and by bytes, and leaves nothing out. */
class PostgresPieceTest {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private final String database = POSTGRES.database();
  private final JournalClient journal = new JournalClient(POSTGRES.config(database));
  private Connection connection;

  @BeforeEach
  void write() throws SQLException {
    connection = POSTGRES.server().connect(database);
    // Of three bytes each: p-1 to p-9.
    journal.fill("p", 1, 9);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    journal.close();
  }

  private JournalReader.Piece read(long mostBytes, long from, long to, long most)
      throws SQLException {
    return new JournalReader("here", mostBytes).read(connection, "p", from, to, most);
  }

  private static List<Long> numbers(JournalReader.Piece piece) {
    return piece.rows().stream().map(EventRow::sequenceNr).toList();
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  @Test
  void aPieceEndsWithTheEventThatReachesItsBytes() throws SQLException {
    JournalReader.Piece first = read(7, 1, Long.MAX_VALUE, 100);
    assertThat(numbers(first)).isEqualTo(range(1, 3));
    assertThat(first.last()).isFalse();
    assertThat(numbers(read(6, 1, Long.MAX_VALUE, 100))).isEqualTo(range(1, 2));
    assertThat(numbers(read(7, 4, Long.MAX_VALUE, 100))).isEqualTo(range(4, 6));
  }

  @Test
  void anEventLargerThanAPieceIsOneByItself() throws SQLException {
    JournalReader.Piece piece = read(1, 2, Long.MAX_VALUE, 100);
    assertThat(numbers(piece)).isEqualTo(range(2, 2));
    assertThat(piece.last()).isFalse();
  }

  @Test
  void aPieceHasNoMoreEventsThanItIsAskedFor() throws SQLException {
    JournalReader.Piece piece = read(1000, 1, Long.MAX_VALUE, 4);
    assertThat(numbers(piece)).isEqualTo(range(1, 4));
    assertThat(piece.last()).isFalse();
  }

  @Test
  void theLastPieceSaysThatItIs() throws SQLException {
    JournalReader.Piece all = read(1000, 1, Long.MAX_VALUE, 100);
    assertThat(numbers(all)).isEqualTo(range(1, 9));
    assertThat(all.last()).isTrue();
    JournalReader.Piece some = read(1000, 3, 5, 100);
    assertThat(numbers(some)).isEqualTo(range(3, 5));
    assertThat(some.last()).isTrue();
    assertThat(read(1000, 10, Long.MAX_VALUE, 100).rows()).isEmpty();
  }
}
