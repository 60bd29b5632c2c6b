package io.holdfast.persistence;

import java.nio.file.Path;

/** Damages for tests outside this package. */
public final class DamagedJournal {
  private DamagedJournal() {}

  /** An event of the journal in a data directory that nobody uses is not there any more. */
  public static void loseEvent(Path data, String id, long sequenceNr) {
    JournalFixture.tamper(
        data.resolve("journal"), Flavour.NATIVE, JournalKeys.event(id, sequenceNr), null);
  }
}
