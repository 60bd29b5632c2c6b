package io.holdfast.master.history;

/** The history cannot be asked now; the message says why, and what to do if there is something. */
public final class HistoryUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HistoryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  HistoryUnavailableException(String message) {
    super(message);
  }
}
