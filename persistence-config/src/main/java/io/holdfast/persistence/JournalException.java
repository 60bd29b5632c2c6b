package io.holdfast.persistence;

/**
 * What goes wrong with a journal, as such or in one of its narrower kinds. The message names the
 * journal's directory.
 */
public class JournalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message that says what happened and, where somebody can do something about it, what. */
  public JournalException(String message) {
    super(message);
  }

  /** The same, with what it came from. */
  public JournalException(String message, Throwable cause) {
    super(message, cause);
  }
}
