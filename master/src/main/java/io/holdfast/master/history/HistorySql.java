package io.holdfast.master.history;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Statements with their values, in the SQL that H2 and PostgreSQL have in common. No state. */
final class HistorySql {
  private HistorySql() {}

  /** Carries out a change; how many rows it changed. */
  static int update(Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, List.of(), values);
      return statement.executeUpdate();
    }
  }

  /** Carries out what gives no rows and has no values. */
  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Sets the values, and those of {@code more} behind them. */
  static void bind(PreparedStatement statement, List<?> more, Object... values)
      throws SQLException {
    int i = 1;
    for (Object value : values) {
      statement.setObject(i++, stored(value));
    }
    for (Object value : more) {
      statement.setObject(i++, stored(value));
    }
  }

  private static Object stored(Object value) {
    if (value instanceof Optional<?> optional) {
      return stored(optional.orElse(null));
    }
    if (value instanceof Instant instant) {
      return micros(instant).atOffset(ZoneOffset.UTC);
    }
    if (value instanceof String text) {
      return clean(text);
    }
    return value;
  }

  /** An instant as both databases keep it: to the microsecond. */
  static Instant micros(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MICROS);
  }

  /** Without what PostgreSQL refuses: one such character would hold up the history for ever. */
  private static String clean(String text) {
    // Half a surrogate pair has no form in UTF-8: it comes back as a question mark.
    String whole = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    return whole.replace('\0', '\ufffd');
  }

  /** A time that may be missing. */
  static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }
}
