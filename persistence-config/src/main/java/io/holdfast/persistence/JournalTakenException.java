package io.holdfast.persistence;

/**
 * Another process has taken the journal (R13): nothing of this one is written any more, now or
 * later, so it is to end.
 */
public final class JournalTakenException extends JournalException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the journal. */
  public JournalTakenException(String message) {
    super(message);
  }
}
