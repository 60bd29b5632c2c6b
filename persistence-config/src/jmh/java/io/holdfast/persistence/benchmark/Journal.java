package io.holdfast.persistence.benchmark;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.postgres.PostgresJournal;
import java.nio.file.Path;
import java.util.Map;

/**
 * What is compared. All are configured as a program of ours is, also Akka's own plugin; only the
 * journal differs. Each syncs what it acknowledges, and verifies what it reads.
 */
public enum Journal {
  /** The yardstick. With the defaults of Akka 2.8.5, but that it verifies checksums as ours do. */
  AKKA("Akka's LevelDB plugin") {
    @Override
    Config config(Path directory, Config postgres) {
      return program(
          """
          akka.persistence.journal.plugin = "akka.persistence.journal.leveldb"
          akka.persistence.journal.leveldb { native = on, fsync = on, checksum = on }
          """,
          "akka.persistence.journal.leveldb.dir",
          directory);
    }
  },

  NATIVE("Holdfast, native LevelDB") {
    @Override
    Config config(Path directory, Config postgres) {
      return program("holdfast.journal.leveldb.native = on", DIRECTORY, directory);
    }
  },

  JAVA("Holdfast, LevelDB in Java") {
    @Override
    Config config(Path directory, Config postgres) {
      return program("holdfast.journal.leveldb.native = off", DIRECTORY, directory);
    }
  },

  POSTGRES("Holdfast, PostgreSQL") {
    @Override
    Config config(Path directory, Config postgres) {
      return PostgresJournal.over(program("", DIRECTORY, directory, postgres));
    }
  };

  private static final String DIRECTORY = "holdfast.journal.leveldb.dir";

  private final String title;

  Journal(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /**
   * The configuration of an actor system over this journal.
   *
   * @param directory where its files are, if it keeps any itself
   * @param postgres the settings of the server and the database; only {@link #POSTGRES} needs them
   */
  abstract Config config(Path directory, Config postgres);

  private static Config program(String own, String setting, Path directory) {
    return program(own, setting, directory, ConfigFactory.empty());
  }

  private static Config program(String own, String setting, Path directory, Config more) {
    return PersistenceConfig.withDefaults(
        ConfigFactory.parseString(own)
            .withFallback(ConfigFactory.parseMap(Map.of(setting, directory.toString())))
            .withFallback(more)
            .withFallback(
                ConfigFactory.parseMap(
                    Map.of(
                        "holdfast.journal.events.\"" + JobGiven.NAME + "\"",
                        JobGiven.class.getName(),
                        "akka.loglevel",
                        "ERROR"))));
  }
}
