package io.holdfast.persistence;

/** The journal cannot be used as it is: it could not be opened, or it is closed. */
public final class JournalUnavailableException extends JournalException {
  private static final long serialVersionUID = 1L;

  /** With a message that says why, and what to do. */
  public JournalUnavailableException(String message) {
    super(message);
  }

  /** The same, with what it came from. */
  public JournalUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
