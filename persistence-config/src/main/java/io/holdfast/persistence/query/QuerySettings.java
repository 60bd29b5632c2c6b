package io.holdfast.persistence.query;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The settings of the queries; {@code reference.conf} describes each.
 *
 * @param pageEvents most events that are read at once
 * @param refreshInterval how often a live query looks even if nobody told it of anything new
 */
record QuerySettings(int pageEvents, Duration refreshInterval) {
  private static final Duration LEAST_INTERVAL = Duration.ofSeconds(1);

  QuerySettings {
    if (pageEvents < 1) {
      throw wrong("page-events", pageEvents, "at least 1");
    }
    if (refreshInterval.compareTo(LEAST_INTERVAL) < 0) {
      throw wrong("refresh-interval", refreshInterval, "at least 1s");
    }
  }

  /** From the section of the plugin. */
  static QuerySettings of(Config section) {
    return new QuerySettings(
        section.getInt("page-events"), section.getDuration("refresh-interval"));
  }

  private static ConfigException wrong(String key, Object value, String right) {
    return new ConfigException.Generic(
        "%s.%s is %s; it must be %s.".formatted(LevelDbReadJournal.IDENTIFIER, key, value, right));
  }
}
