package io.holdfast.persistence.snapshot;

/** A stored snapshot is not what was written, or cannot be read; the message says why. */
public final class UnreadableSnapshotException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnreadableSnapshotException(String why) {
    super(why);
  }

  public UnreadableSnapshotException(String why, Throwable cause) {
    super(why, cause);
  }
}
