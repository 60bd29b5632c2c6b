package io.holdfast.persistence;

/**
 * An event whose sequence number is not the next of its persistence id: another writer of the same
 * id has been there, or a write before it failed. Nothing of the request was written.
 */
public final class WriteRefusedException extends JournalException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the id, its number and what would be next. */
  public WriteRefusedException(String message) {
    super(message);
  }
}
