package io.holdfast.persistence;

import akka.Done;
import akka.actor.ActorRef;
import akka.actor.ClassicActorSystemProvider;
import akka.pattern.Patterns;
import akka.persistence.DeleteMessagesFailure;
import akka.persistence.JournalProtocol;
import akka.persistence.Persistence;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Deletes the events of an entity that has come to its end. Akka's typed entities delete events
 * only behind a snapshot; one that is over needs none.
 */
public final class JournalDeletion {
  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final ActorRef journal;

  public JournalDeletion(ClassicActorSystemProvider system) {
    this.journal = Persistence.get(system.classicSystem()).journalFor("", ConfigFactory.empty());
  }

  /** Deletes up to {@code sequenceNumber}; the highest number itself is not forgotten. */
  public CompletionStage<Done> delete(String persistenceId, long sequenceNumber) {
    return Patterns.askWithReplyTo(
            journal,
            replyTo -> new JournalProtocol.DeleteMessagesTo(persistenceId, sequenceNumber, replyTo),
            WITHIN)
        .thenApply(
            answer -> {
              if (answer instanceof DeleteMessagesFailure failure) {
                throw new CompletionException(failure.cause());
              }
              return Done.getInstance();
            });
  }
}
