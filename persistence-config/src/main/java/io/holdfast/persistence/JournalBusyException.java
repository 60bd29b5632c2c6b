package io.holdfast.persistence;

/**
 * Too much is waiting to be written or read. Nothing of what was asked has been done; it may be
 * asked again later.
 */
public final class JournalBusyException extends JournalException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the bound. */
  public JournalBusyException(String message) {
    super(message);
  }
}
