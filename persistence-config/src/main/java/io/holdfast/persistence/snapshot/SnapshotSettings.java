package io.holdfast.persistence.snapshot;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/**
 * The settings of snapshots, from the section {@value #SECTION}; {@code reference.conf} describes
 * each.
 *
 * @param every a snapshot after so many events of an id; 0: never
 * @param mostBytes a state that is larger when serialized is not stored
 * @param loadThreads snapshots that are loaded at once
 * @param mostWaiting how many wait to be loaded, and how many to be stored, at most
 */
public record SnapshotSettings(int every, int mostBytes, int loadThreads, int mostWaiting) {
  static final String SECTION = "holdfast.snapshot";

  private static final long LARGEST = 1L << 30;

  /**
   * Reads the section of the actor system's whole configuration.
   *
   * @throws ConfigException naming the setting, its value and what would be right
   */
  public static SnapshotSettings of(Config system) {
    Config config = system.getConfig(SECTION);
    return new SnapshotSettings(
        (int) within(config.getInt("every"), 0, 1_000_000, "every"),
        (int) within(config.getBytes("max-bytes"), 1024, LARGEST, "max-bytes"),
        (int) within(config.getInt("load-threads"), 1, 100, "load-threads"),
        (int) within(config.getInt("max-waiting"), 1, 1_000_000, "max-waiting"));
  }

  /** Whether a state is stored behind the event of this number. */
  public boolean isDue(long sequenceNr) {
    return every > 0 && sequenceNr % every == 0;
  }

  /** How many threads there are: those that load, and the one that stores. */
  public int threads() {
    return loadThreads + 1;
  }

  private static long within(long value, long least, long most, String key) {
    if (value < least || value > most) {
      throw new ConfigException.Generic(
          "%s.%s is %d; it must be between %d and %d.".formatted(SECTION, key, value, least, most));
    }
    return value;
  }
}
