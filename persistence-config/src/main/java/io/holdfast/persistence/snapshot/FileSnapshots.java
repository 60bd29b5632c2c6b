package io.holdfast.persistence.snapshot;

import akka.actor.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.holdfast.persistence.JournalStore;
import java.nio.file.Path;

/**
 * Akka's plugin {@code holdfast.snapshot.files}: snapshots of entities whose events are in the
 * embedded journal, as files in a folder beside it.
 */
public final class FileSnapshots extends SnapshotPlugin {
  /** The name of the plugin, and the section of its settings. */
  public static final String PLUGIN = "holdfast.snapshot.files";

  @Override
  protected Parts parts(ActorSystem system, SnapshotSettings settings) {
    JournalStore journal = JournalStore.get(system);
    return new Parts(
        new FileShelf(
            directory(system.settings().config()), settings.mostBytes(), journal::requireRoom),
        journal::footing);
  }

  private static Path directory(Config config) {
    if (!config.hasPath(PLUGIN + ".dir") || config.getString(PLUGIN + ".dir").isBlank()) {
      throw new ConfigException.Generic(
          "Set %s.dir to the directory of the snapshots, beside that of the journal."
              .formatted(PLUGIN));
    }
    return Path.of(config.getString(PLUGIN + ".dir")).toAbsolutePath().normalize();
  }
}
