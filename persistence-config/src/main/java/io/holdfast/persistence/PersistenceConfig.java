package io.holdfast.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

/**
 * The configuration of a program: like {@link ConfigFactory#load()}, but with our changes to Akka's
 * defaults above Akka's. Both stand in a {@code reference.conf}, and of those the one that comes
 * first on the class path wins.
 */
public final class PersistenceConfig {
  private PersistenceConfig() {}

  /**
   * System properties, then {@code application.conf}, then our changes, then every {@code
   * reference.conf}.
   */
  public static Config load() {
    return withDefaults(ConfigFactory.defaultApplication());
  }

  /** The same, with {@code own} in the place of {@code application.conf}. */
  public static Config withDefaults(Config own) {
    return ConfigFactory.load(own.withFallback(ConfigFactory.parseResources("holdfast-akka.conf")));
  }
}
