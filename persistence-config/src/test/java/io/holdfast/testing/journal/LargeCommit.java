package io.holdfast.testing.journal;

import akka.actor.Actor;
import akka.actor.ActorSystem;
import akka.pattern.Patterns;
import akka.persistence.AtomicWrite;
import akka.persistence.JournalProtocol;
import akka.persistence.Persistence;
import akka.persistence.PersistentEnvelope;
import akka.persistence.PersistentRepr;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A commit that is too large to wait beside LevelDB: that gets it at once, together with all that
 * waits. So a test can have its events written to LevelDB's log one by one.
 */
public final class LargeCommit {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private LargeCommit() {}

  /**
   * Writes one event, and waits until it is durable.
   *
   * @param payload more than 4,096 bytes of it
   */
  public static void write(ActorSystem system, String id, long number, Object payload) {
    PersistentRepr event =
        PersistentRepr.apply(payload, number, id, "", false, Actor.noSender(), "large");
    List<PersistentEnvelope> write =
        List.of(new AtomicWrite(CollectionConverters.asScala(List.of(event)).toList()));
    Object answer =
        Patterns.askWithReplyTo(
                Persistence.lookup().get(system).journalFor("", ConfigFactory.empty()),
                replyTo ->
                    new JournalProtocol.WriteMessages(
                        CollectionConverters.asScala(write).toList(), replyTo, 1),
                PATIENCE)
            .toCompletableFuture()
            .join();
    if (answer instanceof JournalProtocol.WriteMessagesFailed failed) {
      throw new IllegalStateException(failed.cause());
    }
  }
}
