package io.holdfast.persistence.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.persistence.JournalTrouble;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a database that takes nothing, and for how long. */
class WriteHealthTest {
  private long now = 7;
  private final WriteHealth health = new WriteHealth("db", () -> now);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "53100 | true  | The disk of the database db is full: said",
        "25006 | false | The database db is read-only: said. Is it a standby,",
        "08006 | false | The database db cannot be reached: said",
        "57P01 | false | The database db cannot be reached: said",
        "53300 | false | The database db cannot be reached: said",
        "58030 | false | The database db writes nothing: said",
      })
  void aFailureIsToldInWords(String state, boolean isFull, String words) {
    health.failed(new SQLException("said\n  Where: a line more", state));
    JournalTrouble trouble = health.trouble().orElseThrow();
    assertThat(trouble.isFull()).isEqualTo(isFull);
    assertThat(trouble.why()).startsWith(words).doesNotContain("Where");
  }

  @Test
  void whatAPoolSaysHasItsReasonInside() {
    health.failed(
        new SQLTransientConnectionException(
            "the pool waited in vain", new SQLException("Connection refused", "08001")));
    assertThat(health.trouble().orElseThrow().why())
        .isEqualTo("The database db cannot be reached: Connection refused");
    health.failed(new SQLTransientConnectionException("the pool waited in vain"));
    assertThat(health.trouble().orElseThrow().why()).contains("cannot be reached: the pool");
  }

  @Test
  void whatWasWrittenEndsIt() {
    assertThat(health.trouble()).isEmpty();
    health.failed(new SQLException("said", "53100"));
    health.succeeded();
    assertThat(health.trouble()).isEmpty();
  }

  @Test
  void aServerThatIsBackIsFoundByAProbe() {
    health.failed(new SQLException("said", "08001"));
    now += Duration.ofHours(1).toNanos();
    assertThat(health.trouble()).isPresent();
    health.probed();
    assertThat(health.trouble()).isEmpty();
  }

  @Test
  void whetherThereIsRoomAgainNoProbeTells() {
    health.failed(new SQLException("said", "53100"));
    now += WriteHealth.FULL.toNanos() - 1;
    health.probed();
    assertThat(health.trouble()).isPresent();
    now += 1;
    health.probed();
    assertThat(health.trouble()).as("somebody may try").isEmpty();
  }
}
