package io.holdfast.persistence;

import java.nio.file.Path;
import java.util.List;

/**
 * What {@link JournalCheck} found.
 *
 * @param directory the journal's folder
 * @param format the name of its format; empty when there is no journal, or it is lost
 * @param commits the newest commit that is there
 * @param soundIds how many persistence ids are whole
 * @param soundEvents how many events these have
 * @param soundBytes the bytes of these events
 * @param damages what is wrong; empty when the journal is sound
 */
public record JournalReport(
    Path directory,
    String format,
    long commits,
    long soundIds,
    long soundEvents,
    long soundBytes,
    List<JournalDamage> damages) {

  public JournalReport {
    damages = List.copyOf(damages);
  }

  /** Whether nothing is wrong. */
  public boolean isSound() {
    return damages.isEmpty();
  }
}
