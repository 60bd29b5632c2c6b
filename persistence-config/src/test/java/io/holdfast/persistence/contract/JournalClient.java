package io.holdfast.persistence.contract;

import akka.actor.Actor;
import akka.actor.ActorRef;
import akka.actor.ActorSystem;
import akka.persistence.AtomicWrite;
import akka.persistence.DeleteMessagesFailure;
import akka.persistence.DeleteMessagesSuccess;
import akka.persistence.JournalProtocol;
import akka.persistence.Persistence;
import akka.persistence.PersistentEnvelope;
import akka.persistence.PersistentRepr;
import akka.persistence.journal.Tagged;
import akka.testkit.javadsl.TestKit;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Speaks with the journal of an actor system as Akka's persistent actors do, whichever store is
 * behind it. Closing it ends the actor system.
 */
public final class JournalClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ActorSystem system;
  private final ActorRef journal;

  public JournalClient(Config config) {
    system = ActorSystem.create("contract", config);
    journal = Persistence.lookup().get(system).journalFor("", ConfigFactory.empty());
  }

  public ActorSystem system() {
    return system;
  }

  /** One atomic write: events with the numbers from {@code from} on. */
  public static AtomicWrite atomic(String id, long from, Object... payloads) {
    return atomicBy("writer-1", id, from, payloads);
  }

  /** The same, of a certain life of the actor: a later one must not write what an earlier does. */
  public static AtomicWrite atomicBy(String writer, String id, long from, Object... payloads) {
    List<PersistentRepr> events = new ArrayList<>();
    for (Object payload : payloads) {
      events.add(
          PersistentRepr.apply(
              payload, from + events.size(), id, "", false, Actor.noSender(), writer));
    }
    return new AtomicWrite(CollectionConverters.asScala(events).toList());
  }

  static Object tagged(Object payload, String tag) {
    return new Tagged(payload, CollectionConverters.asScala(Set.of(tag)).toSet());
  }

  /** What became of a write; as many outcomes as it has events unless the whole failed. */
  public record Written(List<String> outcomes, Throwable failure) {
    public boolean isDone() {
      return failure == null && outcomes.stream().allMatch("ok"::equals);
    }
  }

  /** Sends a write; {@link Sent#outcome} waits for what became of it. */
  public Sent send(AtomicWrite... writes) {
    TestKit probe = new TestKit(system);
    List<PersistentEnvelope> all = List.copyOf(Arrays.asList(writes));
    journal.tell(
        new JournalProtocol.WriteMessages(
            CollectionConverters.asScala(all).toList(), probe.getRef(), 1),
        probe.getRef());
    return new Sent(probe, Arrays.stream(writes).mapToInt(AtomicWrite::size).sum());
  }

  /** A write under way. */
  public record Sent(TestKit probe, int events) {
    public Written outcome() {
      Object first = probe.receiveOne(PATIENCE);
      Throwable failure = null;
      if (first instanceof JournalProtocol.WriteMessagesFailed failed) {
        failure = failed.cause();
      }
      List<String> outcomes = new ArrayList<>();
      for (int i = 0; i < events; i++) {
        Object answer = probe.receiveOne(PATIENCE);
        if (answer instanceof JournalProtocol.WriteMessageSuccess) {
          outcomes.add("ok");
        } else if (answer instanceof JournalProtocol.WriteMessageRejected rejected) {
          outcomes.add("rejected: " + rejected.cause());
        } else if (answer instanceof JournalProtocol.WriteMessageFailure failed) {
          outcomes.add("failed: " + failed.cause());
        } else {
          throw new AssertionError("unexpected answer " + answer + " after " + first);
        }
      }
      return new Written(outcomes, failure);
    }
  }

  public Written write(AtomicWrite... writes) {
    return send(writes).outcome();
  }

  /** Writes events, each in a request of its own; their payload is "id-number". */
  public void fill(String id, long from, long to) {
    for (long n = from; n <= to; n++) {
      Written written = write(atomic(id, n, id + "-" + n));
      if (!written.isDone()) {
        throw new AssertionError(id + " " + n + ": " + written);
      }
    }
  }

  public static List<Object> payloads(String id, long from, long to) {
    return LongStream.rangeClosed(from, to).<Object>mapToObj(n -> id + "-" + n).toList();
  }

  /** What a recovery reads. */
  public record Replayed(List<Object> payloads, long highest) {}

  public Replayed replay(String id) {
    return replay(id, 1, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /** Fails with what the journal says. */
  public Replayed replay(String id, long from, long to, long max) {
    TestKit probe = new TestKit(system);
    journal.tell(
        new JournalProtocol.ReplayMessages(from, to, max, id, probe.getRef()), probe.getRef());
    List<Object> payloads = new ArrayList<>();
    while (true) {
      Object answer = probe.receiveOne(PATIENCE);
      if (answer instanceof JournalProtocol.ReplayedMessage replayed) {
        payloads.add(replayed.persistent().payload());
      } else if (answer instanceof JournalProtocol.RecoverySuccess success) {
        return new Replayed(payloads, success.highestSequenceNr());
      } else if (answer instanceof JournalProtocol.ReplayMessagesFailure failure) {
        throw new ReplayFailed(failure.cause());
      } else {
        throw new AssertionError("unexpected answer " + answer);
      }
    }
  }

  /** A replay that the journal did not finish. */
  public static final class ReplayFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReplayFailed(Throwable cause) {
      super(cause.getMessage(), cause);
    }
  }

  public void delete(String id, long to) {
    TestKit probe = new TestKit(system);
    journal.tell(new JournalProtocol.DeleteMessagesTo(id, to, probe.getRef()), probe.getRef());
    Object answer = probe.receiveOne(PATIENCE);
    if (answer instanceof DeleteMessagesFailure failure) {
      throw new AssertionError(failure.cause());
    }
    if (!(answer instanceof DeleteMessagesSuccess)) {
      throw new AssertionError("unexpected answer " + answer);
    }
  }

  @Override
  public void close() {
    TestKit.shutdownActorSystem(system);
  }
}
