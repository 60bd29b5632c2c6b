package io.holdfast.master.config;

import com.typesafe.config.Config;
import java.util.Locale;

/** Where a master keeps its journal: {@code holdfast.master.persistence}. */
public enum Persistence {
  /** In its data directory. */
  LEVELDB,
  /** In the database of {@code holdfast.journal.postgres}. */
  POSTGRES;

  private static final String KEY = "holdfast.master.persistence";

  /**
   * Reads the setting from a whole configuration.
   *
   * @throws IllegalArgumentException naming the value and what would be right
   */
  public static Persistence of(Config config) {
    return named(config.getString(KEY));
  }

  /** The one of this name, as the setting has it; errors as {@link #of}. */
  static Persistence named(String value) {
    for (Persistence one : values()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(value)) {
        return one;
      }
    }
    throw new IllegalArgumentException(KEY + " = " + value + ": it is leveldb or postgres");
  }
}
