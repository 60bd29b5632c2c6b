package io.holdfast.master.history;

import java.sql.SQLException;
import java.util.Optional;

/** Where the history is kept. Its calls wait for a disk or a server. */
interface HistoryStore {
  /** How it is named to people. */
  String place();

  /**
   * Opens it; makes what is not there.
   *
   * @throws SQLException or a HistoryUnavailableException: it cannot be used now, and may be later
   */
  HistoryDatabase open() throws SQLException;

  /** Why nothing may be written now, though it could be, if so. */
  Optional<String> refusal();

  /** Whether a failure means that what is stored cannot be read any more. */
  boolean isDamage(Throwable failure);

  /** Sets aside what is stored, so that {@link #open} begins anew; only while it is closed. */
  void setAside(String why);
}
