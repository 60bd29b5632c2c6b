package io.holdfast.master.history;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.projection.ProjectionBehavior;
import io.holdfast.master.history.HistoryStatus.Phase;
import io.holdfast.master.history.HistoryUpkeep.Wish;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Keeps the history going: opens its database, runs the projections over it, begins anew when asked
 * to or when it must, and tries again, with pauses that grow to {@link #LONGEST_PAUSE}, when
 * something is not there. Hard state: the database. Soft: how far it is, which it publishes.
 */
final class HistoryKeeper extends AbstractBehavior<HistoryKeeper.Message> {
  static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private static final int CLOSE_SECONDS = 5;

  private final HistoryUpkeep upkeep;
  private final HistoryProjections projections;
  private final HistoryView view;
  private final Executor blocking;
  private final TimerScheduler<Message> timers;
  private final Map<HistoryStream, Progress> progress = new HashMap<>();

  private Optional<HistoryDatabase> database = Optional.empty();
  private CompletableFuture<HistoryUpkeep.Ready> preparing;
  private boolean rebuilding;
  private boolean noting;
  private Optional<ActorRef<RebuildAnswer>> asker = Optional.empty();
  private Map<HistoryStream, ActorRef<ProjectionBehavior.Command>> running = new HashMap<>();
  private Optional<Stopped> whenStopped = Optional.empty();
  private long life;
  private Duration pause = SHORTEST_PAUSE;

  /** How far a stream is, and where it has caught up. */
  private record Progress(long taken, Optional<Long> end) {
    boolean caughtUp() {
      return end.isPresent() && taken >= end.get();
    }
  }

  /** What is to be done once the projections have stopped. */
  private record Stopped(Wish wish, String why) {}

  /** What it is told. */
  sealed interface Message {}

  /** Throw the rows away and make them anew. */
  record Rebuild(ActorRef<RebuildAnswer> replyTo) implements Message {}

  /** Whether a rebuild has begun. */
  sealed interface RebuildAnswer {
    record Begun() implements RebuildAnswer {}

    record UnderWay() implements RebuildAnswer {}

    record NotNow(String why) implements RebuildAnswer {}
  }

  /** A search has found that the file cannot be read. */
  record Damaged(String why) implements Message {}

  /** All events that were there have been read; the last one is at {@code place}. */
  record EndSeen(HistoryStream stream, long life, long place) implements Message {}

  /** Events up to {@code place} are in the database. */
  record Taken(HistoryStream stream, long life, long place) implements Message {}

  /** The projection has failed; it begins again by itself. */
  record Faulted(HistoryStream stream, long life, Throwable cause) implements Message {}

  private record Ended(HistoryStream stream, long life) implements Message {}

  private record Prepared(HistoryUpkeep.Ready ready) implements Message {}

  private record NotPrepared(Throwable cause) implements Message {}

  private record Rebuilt() implements Message {}

  private record NotNoted(Throwable cause) implements Message {}

  private enum Again implements Message {
    PREPARE,
    NOTE_REBUILT
  }

  private HistoryKeeper(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      HistoryUpkeep upkeep,
      HistoryProjections projections,
      HistoryView view) {
    super(context);
    this.timers = timers;
    this.upkeep = upkeep;
    this.projections = projections;
    this.view = view;
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    prepare(Wish.KEEP, "");
  }

  /** Its actor; on its own it begins to work. */
  static Behavior<Message> create(
      HistoryUpkeep upkeep, HistoryProjections projections, HistoryView view) {
    Behavior<Message> keeper =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers -> new HistoryKeeper(context, timers, upkeep, projections, view)));
    return Behaviors.supervise(keeper)
        .onFailure(SupervisorStrategy.restartWithBackoff(SHORTEST_PAUSE, LONGEST_PAUSE, 0.2));
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Prepared.class, this::onPrepared)
        .onMessage(NotPrepared.class, this::onNotPrepared)
        .onMessage(Again.class, this::onAgain)
        .onMessage(Rebuild.class, this::onRebuild)
        .onMessage(Damaged.class, damaged -> discard(damaged.why()))
        .onMessage(EndSeen.class, this::onEndSeen)
        .onMessage(Taken.class, this::onTaken)
        .onMessage(Faulted.class, this::onFaulted)
        .onMessage(Ended.class, this::onEnded)
        .onMessage(Rebuilt.class, done -> onRebuilt())
        .onMessage(NotNoted.class, this::onNotNoted)
        .onSignal(PreRestart.class, restart -> onStop("it has failed, as the log says"))
        .onSignal(PostStop.class, stop -> onStop("the master is being stopped"))
        .build();
  }

  private void prepare(Wish wish, String why) {
    Optional<HistoryDatabase> open = database;
    database = Optional.empty();
    view.show(Optional.empty(), new HistoryStatus(Phase.STARTING, why));
    preparing = pipe(() -> upkeep.ready(open, wish, why), Prepared::new, NotPrepared::new);
  }

  private <T> CompletableFuture<T> pipe(
      Callable<T> work, Function<T, Message> done, Function<Throwable, Message> failed) {
    CompletableFuture<T> result =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return work.call();
              } catch (Exception e) {
                throw new CompletionException(e);
              }
            },
            blocking);
    getContext()
        .pipeToSelf(
            result,
            (ok, failure) -> failure == null ? done.apply(ok) : failed.apply(bare(failure)));
    return result;
  }

  private static Throwable bare(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private Behavior<Message> onPrepared(Prepared prepared) {
    HistoryDatabase opened = prepared.ready().database();
    HistoryState state = prepared.ready().state();
    database = Optional.of(opened);
    rebuilding = state.isRebuilding();
    pause = SHORTEST_PAUSE;
    life++;
    for (HistoryStream stream : HistoryStream.values()) {
      HistoryState.Mark mark = state.streams().get(stream);
      progress.put(stream, new Progress(mark == null ? 0 : mark.place(), Optional.empty()));
      ActorRef<ProjectionBehavior.Command> projection =
          getContext()
              .spawn(
                  ProjectionBehavior.create(
                      projections.create(stream, opened, life, getContext().getSelf())),
                  "history-" + stream.tag() + "-" + life);
      running.put(stream, projection);
      getContext().watchWith(projection, new Ended(stream, life));
    }
    asker.ifPresent(who -> who.tell(new RebuildAnswer.Begun()));
    asker = Optional.empty();
    publish("");
    return this;
  }

  private Behavior<Message> onNotPrepared(NotPrepared failed) {
    String why = upkeep.store().place() + ": " + words(failed.cause());
    if (pause.equals(SHORTEST_PAUSE)) {
      getContext().getLog().warn("the history is not available, and is tried again: {}", why);
    }
    asker.ifPresent(who -> who.tell(new RebuildAnswer.NotNow(why)));
    asker = Optional.empty();
    view.show(Optional.empty(), new HistoryStatus(Phase.UNAVAILABLE, why));
    timers.startSingleTimer(Again.PREPARE, pause);
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    return this;
  }

  private static String words(Throwable cause) {
    return cause instanceof HistoryUnavailableException
        ? cause.getMessage()
        : String.valueOf(cause.getMessage()).strip();
  }

  private Behavior<Message> onAgain(Again what) {
    if (what == Again.PREPARE) {
      prepare(Wish.KEEP, "");
    } else {
      moved();
    }
    return this;
  }

  private Behavior<Message> onRebuild(Rebuild rebuild) {
    if (asker.isPresent() || (rebuilding && !running.isEmpty())) {
      rebuild.replyTo().tell(new RebuildAnswer.UnderWay());
    } else if (running.isEmpty() || whenStopped.isPresent()) {
      HistoryStatus status = view.status();
      String why = status.message().isEmpty() ? "it is being opened" : status.message();
      rebuild.replyTo().tell(new RebuildAnswer.NotNow(why));
    } else {
      asker = Optional.of(rebuild.replyTo());
      stopThen(Wish.CLEAR, "somebody asked for it");
    }
    return this;
  }

  private Behavior<Message> discard(String why) {
    // While it is being opened that finds out itself.
    if (!running.isEmpty() && whenStopped.isEmpty()) {
      stopThen(Wish.DISCARD, why);
    }
    return this;
  }

  private void stopThen(Wish wish, String why) {
    whenStopped = Optional.of(new Stopped(wish, why));
    running.values().forEach(projection -> projection.tell(ProjectionBehavior.stopMessage()));
  }

  private Behavior<Message> onEnded(Ended ended) {
    running.remove(ended.stream());
    if (running.isEmpty()) {
      Stopped next = whenStopped.orElse(new Stopped(Wish.KEEP, ""));
      whenStopped = Optional.empty();
      prepare(next.wish(), next.why());
    } else if (whenStopped.isEmpty()) {
      // It ends by itself when it is told not to begin again: then the other must begin anew too.
      stopThen(Wish.KEEP, "");
    }
    return this;
  }

  private Behavior<Message> onEndSeen(EndSeen seen) {
    if (seen.life() == life) {
      progress.computeIfPresent(
          seen.stream(), (stream, now) -> new Progress(now.taken(), Optional.of(seen.place())));
      moved();
    }
    return this;
  }

  private Behavior<Message> onTaken(Taken taken) {
    if (taken.life() == life) {
      progress.computeIfPresent(
          taken.stream(), (stream, now) -> new Progress(taken.place(), now.end()));
      moved();
    }
    return this;
  }

  private void moved() {
    if (whenStopped.isPresent() || running.isEmpty()) {
      return;
    }
    boolean current = progress.values().stream().allMatch(Progress::caughtUp);
    if (current && rebuilding) {
      noteRebuilt();
    }
    publish("");
  }

  private Behavior<Message> onFaulted(Faulted faulted) {
    if (faulted.life() != life || whenStopped.isPresent()) {
      return this;
    }
    String why = words(faulted.cause());
    if (upkeep.store().isDamage(faulted.cause())) {
      return discard(why);
    }
    progress.computeIfPresent(
        faulted.stream(), (stream, now) -> new Progress(now.taken(), Optional.empty()));
    publish("events cannot be taken in, and it is tried again: " + why);
    return this;
  }

  private void noteRebuilt() {
    if (noting || database.isEmpty()) {
      return;
    }
    noting = true;
    HistoryDatabase open = database.get();
    var unused = pipe(() -> upkeep.rebuilt(open), state -> new Rebuilt(), NotNoted::new);
  }

  private Behavior<Message> onRebuilt() {
    noting = false;
    if (whenStopped.isEmpty() && !running.isEmpty()) {
      rebuilding = false;
      getContext().getLog().info("the history has been made anew, and is current");
      publish("");
    }
    return this;
  }

  private Behavior<Message> onNotNoted(NotNoted failed) {
    noting = false;
    getContext().getLog().debug("the end of the rebuild could not be noted", failed.cause());
    timers.startSingleTimer(Again.NOTE_REBUILT, SHORTEST_PAUSE);
    return this;
  }

  private void publish(String message) {
    boolean current = progress.values().stream().allMatch(Progress::caughtUp);
    Phase phase = rebuilding ? Phase.REBUILDING : current ? Phase.CURRENT : Phase.CATCHING_UP;
    view.show(database, new HistoryStatus(phase, message));
  }

  private Behavior<Message> onStop(String why) {
    view.show(Optional.empty(), new HistoryStatus(Phase.UNAVAILABLE, why));
    database.ifPresent(HistoryDatabase::close);
    closeWhatIsBeingOpened();
    return this;
  }

  /** Nobody would close it, and its file would stay locked for whoever comes after. */
  private void closeWhatIsBeingOpened() {
    CompletableFuture<Void> closed = preparing.thenAccept(ready -> ready.database().close());
    try {
      closed.get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // It was not opened, or is closed as soon as it is.
      getContext().getLog().debug("the history was being opened", e);
    }
  }
}
