package io.holdfast.persistence;

/**
 * Somebody wants to go on behind an offset that this journal never gave: it was given by another.
 */
public final class UnknownOffsetException extends JournalException {
  private static final long serialVersionUID = 1L;

  UnknownOffsetException(String message) {
    super(message);
  }
}
