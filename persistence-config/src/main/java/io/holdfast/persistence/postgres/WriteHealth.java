package io.holdfast.persistence.postgres;

import io.holdfast.persistence.JournalTrouble;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * How the last write to the database went: while it fails for a reason that hits all writes alike,
 * nobody need wait to learn that. It ends with a write that succeeds, or with a probe; as no probe
 * tells whether there is room for an event, a full disk is believed for some time, and then
 * somebody tries again.
 *
 * <p>Soft state; thread-safe.
 */
final class WriteHealth {
  /** So long after a failure for want of room nobody else need try. */
  static final Duration FULL = Duration.ofSeconds(5);

  private record Failure(JournalTrouble trouble, long at) {}

  private final String place;
  private final LongSupplier nanoTime;
  private final AtomicReference<Optional<Failure>> last = new AtomicReference<>(Optional.empty());

  WriteHealth(String place, LongSupplier nanoTime) {
    this.place = place;
    this.nanoTime = nanoTime;
  }

  void succeeded() {
    last.set(Optional.empty());
  }

  /** What a write needs is there: the server, and the right to write. */
  void probed() {
    last.updateAndGet(
        failure ->
            failure.filter(
                f -> f.trouble().isFull() && nanoTime.getAsLong() - f.at() < FULL.toNanos()));
  }

  void failed(SQLException e) {
    last.set(Optional.of(new Failure(trouble(e), nanoTime.getAsLong())));
  }

  /** Why a write would fail now, as far as is known. */
  Optional<JournalTrouble> trouble() {
    return last.get().map(Failure::trouble);
  }

  private JournalTrouble trouble(SQLException e) {
    String state = state(e);
    String said = said(e);
    if (state.equals("53100")) {
      return new JournalTrouble(
          "The disk of the database %s is full: %s".formatted(place, said), true);
    }
    if (state.equals("25006")) {
      return new JournalTrouble(
          "The database %s is read-only: %s. Is it a standby, or default_transaction_read_only on?"
              .formatted(place, said),
          false);
    }
    boolean isAway =
        state.isEmpty()
            || state.startsWith("08")
            || state.startsWith("57P")
            || state.equals("53300");
    return new JournalTrouble(
        isAway
            ? "The database %s cannot be reached: %s".formatted(place, said)
            : "The database %s writes nothing: %s".formatted(place, said),
        false);
  }

  /** What a pool says of a server that is away has its reason inside. */
  private static String state(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return "";
  }

  private static String said(SQLException e) {
    Throwable innermost = e;
    while (innermost.getCause() instanceof SQLException cause) {
      innermost = cause;
    }
    String message = innermost.getMessage();
    return message == null ? innermost.toString() : message.strip().lines().findFirst().orElse("");
  }
}
