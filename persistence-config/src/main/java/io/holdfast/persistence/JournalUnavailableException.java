package io.holdfast.persistence;

/** The journal cannot be used as it is: it could not be opened, or it is closed. */
public final class JournalUnavailableException extends JournalException {
  private static final long serialVersionUID = 1L;

  JournalUnavailableException(String message) {
    super(message);
  }

  JournalUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
