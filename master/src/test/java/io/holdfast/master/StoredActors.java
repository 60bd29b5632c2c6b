package io.holdfast.master;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Entities of the master on a journal and snapshots on disk, a snapshot after every few events. */
public final class StoredActors implements AutoCloseable {
  public final ActorTestKit kit;

  /**
   * @param every a snapshot after so many events; 0: none are made
   */
  public StoredActors(Path directory, int every) {
    kit =
        ActorTestKit.create(
            "stored",
            PersistenceConfig.withDefaults(
                ConfigFactory.parseString(
                        """
                        akka.actor.provider = local
                        akka.persistence.snapshot-store.plugin = holdfast.snapshot.files
                        holdfast.journal.leveldb.dir = "%1$s/journal"
                        holdfast.snapshot { every = %2$d, files.dir = "%1$s/snapshots" }
                        """
                            .formatted(directory, every))
                    .withFallback(ConfigFactory.parseResources("master-akka.conf"))));
  }

  /** The files of snapshots that there are. */
  public static List<Path> snapshots(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("snapshots"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** Throws all snapshots away. */
  public static void forget(Path directory) throws IOException {
    for (Path file : snapshots(directory)) {
      Files.delete(file);
    }
  }

  /** Puts a copy of a folder in the place of another. */
  public static void copy(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      try (Stream<Path> old = Files.walk(to)) {
        for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Stops an actor and waits until it is gone. */
  public void stop(ActorRef<?> actor) {
    kit.stop(actor, MasterActors.SOON);
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }
}
