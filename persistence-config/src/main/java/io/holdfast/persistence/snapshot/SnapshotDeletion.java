package io.holdfast.persistence.snapshot;

import akka.actor.ActorRef;
import akka.actor.ClassicActorSystemProvider;
import akka.pattern.Patterns;
import akka.persistence.Persistence;
import akka.persistence.SnapshotProtocol;
import akka.persistence.SnapshotSelectionCriteria;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalDeletion;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import scala.jdk.javaapi.OptionConverters;

/**
 * The only right way to delete events because of snapshots. It deletes what is before the older of
 * two snapshots, each of which was just read back from the disk, read whole, and borne out by the
 * journal; so the damage of one still leaves a way to the state. The event that the older one
 * stands behind stays: by it the snapshot is known to be right.
 *
 * <p>Nobody uses it today: what the master decided, and why, must stay in its journal. Who does
 * must read the version of the state in those snapshots for ever: there is no way back to the
 * events.
 */
public final class SnapshotDeletion {
  private static final Duration WITHIN = Duration.ofSeconds(30);
  private static final String OURS = "holdfast.snapshot.";

  private final ActorRef snapshots;
  private final JournalDeletion journal;

  /**
   * @throws IllegalStateException when the actor system keeps its snapshots in another store, which
   *     verifies nothing
   */
  public SnapshotDeletion(ClassicActorSystemProvider system) {
    String plugin =
        system
            .classicSystem()
            .settings()
            .config()
            .getString("akka.persistence.snapshot-store.plugin");
    if (!plugin.startsWith(OURS)) {
      throw new IllegalStateException(
          "akka.persistence.snapshot-store.plugin = %s: events are deleted only behind snapshots of %s*"
              .formatted(plugin, OURS));
    }
    snapshots = Persistence.get(system.classicSystem()).snapshotStoreFor("", ConfigFactory.empty());
    journal = new JournalDeletion(system);
  }

  /**
   * Deletes the events of an id that are not needed for its recovery any more.
   *
   * @return up to which number; none if there are no two snapshots that can be relied on
   */
  public CompletionStage<OptionalLong> delete(String persistenceId) {
    return behind(persistenceId, Long.MAX_VALUE)
        .thenCompose(
            newest ->
                newest.isEmpty()
                    ? CompletableFuture.completedFuture(Optional.<Long>empty())
                    : behind(persistenceId, newest.get() - 1))
        .thenCompose(older -> deleteBefore(persistenceId, older));
  }

  private CompletionStage<OptionalLong> deleteBefore(String id, Optional<Long> snapshot) {
    if (snapshot.isEmpty() || snapshot.get() <= 1) {
      return CompletableFuture.completedFuture(OptionalLong.empty());
    }
    long last = snapshot.get() - 1;
    return journal.delete(id, last).thenApply(done -> OptionalLong.of(last));
  }

  /** The event behind which the newest snapshot stands, of those up to a number. */
  private CompletionStage<Optional<Long>> behind(String id, long most) {
    return Patterns.ask(
            snapshots,
            new SnapshotProtocol.LoadSnapshot(
                id, new SnapshotSelectionCriteria(Long.MAX_VALUE, Long.MAX_VALUE, 0, 0), most),
            WITHIN)
        .thenApply(
            answer -> {
              if (answer instanceof SnapshotProtocol.LoadSnapshotFailed failed) {
                throw new CompletionException(failed.cause());
              }
              var loaded = (SnapshotProtocol.LoadSnapshotResult) answer;
              return OptionConverters.toJava(loaded.snapshot())
                  .map(snapshot -> snapshot.metadata().sequenceNr());
            });
  }
}
