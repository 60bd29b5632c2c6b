package io.holdfast.master.log;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.util.ByteString;
import io.holdfast.protocol.id.ExecutionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Brings the output of one agent's tasks to the {@link LogStore}, apart from the exchange. At most
 * {@link #MOST_AT_ONCE} transfers at once; what fails is tried again. Soft: where it was is the
 * length of the files.
 */
public final class LogPuller extends AbstractBehavior<LogPuller.Message> {
  private static final int MOST_AT_ONCE = 3;
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** What a puller is told. */
  public sealed interface Message {}

  /** There is this much output; {@code last}: and there will be no more. */
  public record Fetch(ExecutionId execution, long stdoutBytes, long stderrBytes, boolean last)
      implements Message {}

  private record Transferred(ExecutionId execution, boolean ok, String why) implements Message {}

  private record Next() implements Message {}

  /** All output of an ended execution is on disk. */
  public record Stored(ExecutionId execution) {}

  /** Where the output comes from. */
  public interface Source {
    /** Some output from {@code offset}, nothing when there is none there. */
    CompletionStage<ByteString> output(ExecutionId execution, String stream, long offset);
  }

  private static final class Wanted {
    long stdout;
    long stderr;
    boolean last;
    boolean moving;
  }

  private final TimerScheduler<Message> timers;
  private final LogStore store;
  private final Source source;
  private final ActorRef<Stored> stored;
  private final Executor blocking;
  private final Map<ExecutionId, Wanted> wanted = new LinkedHashMap<>();
  private int moving;

  public static Behavior<Message> create(LogStore store, Source source, ActorRef<Stored> stored) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new LogPuller(context, timers, store, source, stored)));
  }

  private LogPuller(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      LogStore store,
      Source source,
      ActorRef<Stored> stored) {
    super(context);
    this.timers = timers;
    this.store = store;
    this.source = source;
    this.stored = stored;
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Fetch.class, this::onFetch)
        .onMessage(Transferred.class, this::onTransferred)
        .onMessage(Next.class, next -> move())
        .build();
  }

  private Behavior<Message> onFetch(Fetch fetch) {
    Wanted entry = wanted.computeIfAbsent(fetch.execution(), id -> new Wanted());
    entry.stdout = Math.max(entry.stdout, fetch.stdoutBytes());
    entry.stderr = Math.max(entry.stderr, fetch.stderrBytes());
    entry.last |= fetch.last();
    return move();
  }

  private Behavior<Message> move() {
    for (Map.Entry<ExecutionId, Wanted> entry : wanted.entrySet()) {
      if (moving >= MOST_AT_ONCE) {
        break;
      }
      if (!entry.getValue().moving) {
        entry.getValue().moving = true;
        moving++;
        transfer(entry.getKey(), entry.getValue().stdout, entry.getValue().stderr);
      }
    }
    return this;
  }

  private void transfer(ExecutionId execution, long stdout, long stderr) {
    CompletionStage<Void> both =
        pull(execution, LogStore.Stream.STDOUT, stdout)
            .thenCompose(done -> pull(execution, LogStore.Stream.STDERR, stderr));
    getContext()
        .pipeToSelf(
            both,
            (done, failure) ->
                new Transferred(
                    execution, failure == null, failure == null ? "" : failure.getMessage()));
  }

  private CompletionStage<Void> pull(ExecutionId execution, LogStore.Stream stream, long upTo) {
    return CompletableFuture.supplyAsync(() -> store.size(execution, stream), blocking)
        .thenCompose(
            have ->
                have >= upTo
                    ? CompletableFuture.completedFuture(null)
                    : source
                        .output(execution, stream.word(), have)
                        .thenApplyAsync(bytes -> append(execution, stream, have, bytes), blocking)
                        .thenCompose(got -> pull(execution, stream, upTo)));
  }

  private Void append(
      ExecutionId execution, LogStore.Stream stream, long offset, ByteString bytes) {
    if (bytes.isEmpty()) {
      throw new IllegalStateException("the agent has no " + stream.word() + " at " + offset);
    }
    try {
      store.append(execution, stream, offset, bytes.asByteBuffer());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return null;
  }

  private Behavior<Message> onTransferred(Transferred done) {
    moving--;
    Wanted entry = wanted.get(done.execution());
    entry.moving = false;
    if (!done.ok()) {
      getContext().getLog().debug("output of {}: {}; trying again", done.execution(), done.why());
      timers.startSingleTimer("again", new Next(), AGAIN);
      // To the end of the line, so that one that fails does not hold up the others.
      wanted.remove(done.execution());
      wanted.put(done.execution(), entry);
      return this;
    }
    boolean all =
        store.size(done.execution(), LogStore.Stream.STDOUT) >= entry.stdout
            && store.size(done.execution(), LogStore.Stream.STDERR) >= entry.stderr;
    if (all) {
      wanted.remove(done.execution());
      if (entry.last) {
        stored.tell(new Stored(done.execution()));
        store.changed(done.execution());
      }
    }
    return move();
  }
}
