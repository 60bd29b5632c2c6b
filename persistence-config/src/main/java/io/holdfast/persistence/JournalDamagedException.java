package io.holdfast.persistence;

import java.nio.file.Path;

/**
 * What is on disk is not what was written. Whoever gets this must not carry on with what it has
 * read so far: the journal needs a person, and a copy from before.
 */
public final class JournalDamagedException extends JournalException {
  private static final long serialVersionUID = 1L;

  private final String directory;
  private final String persistenceId;
  private final long sequenceNr;

  private JournalDamagedException(
      Path directory, String persistenceId, long sequenceNr, String message, Throwable cause) {
    super(message, cause);
    this.directory = directory.toString();
    this.persistenceId = persistenceId;
    this.sequenceNr = sequenceNr;
  }

  static JournalDamagedException at(
      Path directory, String persistenceId, long sequenceNr, String what, Throwable cause) {
    return new JournalDamagedException(
        directory,
        persistenceId,
        sequenceNr,
        "The journal in %s is damaged at persistence id '%s', sequence number %d: %s."
            .formatted(directory, persistenceId, sequenceNr, what),
        cause);
  }

  /**
   * The index of a tag is damaged, or an event that it names.
   *
   * @param persistenceId whose event stands there; empty when that is not known
   * @param sequenceNr its number; 0 when that is not known
   */
  static JournalDamagedException tag(
      Path directory,
      String tag,
      long position,
      String persistenceId,
      long sequenceNr,
      String what,
      Throwable cause) {
    String event =
        persistenceId.isEmpty()
            ? ""
            : " (persistence id '%s', sequence number %d)".formatted(persistenceId, sequenceNr);
    return new JournalDamagedException(
        directory,
        persistenceId,
        sequenceNr,
        "The journal in %s is damaged at tag '%s', position %d%s: %s."
            .formatted(directory, tag, position, event, what),
        cause);
  }

  static JournalDamagedException store(Path directory, String what, Throwable cause) {
    return new JournalDamagedException(
        directory,
        "",
        0,
        "The journal in %s is damaged: %s. It is not opened, so that nothing builds on it: restore it from a copy, or see 'holdfast journal check' and 'holdfast journal repair'."
            .formatted(directory, what),
        cause);
  }

  /** The journal's directory. */
  public String directory() {
    return directory;
  }

  /** Whose events are damaged; empty when it is the store as a whole. */
  public String persistenceId() {
    return persistenceId;
  }

  /** The first event that is not as it was written; 0 when it is not a certain one. */
  public long sequenceNr() {
    return sequenceNr;
  }
}
