package io.holdfast.master.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.marshalling.sse.EventStreamMarshalling;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.model.sse.ServerSentEvent;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.unmarshalling.StringUnmarshallers;
import akka.japi.Pair;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.holdfast.master.log.LogStore;
import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.master.view.EventFeed;
import io.holdfast.master.view.ReadModel;
import io.holdfast.protocol.id.ExecutionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** What goes on while one looks: the event stream, and logs with follow. */
public final class LiveRoutes extends AllDirectives {
  private static final int MOST_BYTES = 64 * 1024;

  private final ReadModel model;
  private final EventFeed feed;
  private final Executor blocking;

  public LiveRoutes(ActorSystem<?> system, ReadModel model, EventFeed feed) {
    this.model = model;
    this.feed = feed;
    this.blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
  }

  Route create() {
    return concat(
        path("events", () -> get(this::events)),
        path(
            segment("executions").slash(segment()).slash("logs").slash(segment()),
            (id, stream) -> get(() -> logs(ExecutionId.parse(id), stream(stream)))));
  }

  private Route events() {
    return parameterOptional(
        StringUnmarshallers.BOOLEAN,
        "snapshot",
        snapshot -> {
          Source<ServerSentEvent, NotUsed> live =
              feed.subscribe()
                  .map(
                      update ->
                          ServerSentEvent.create(
                              update.json(),
                              Optional.of(update.kind()),
                              Optional.of(Long.toString(update.id())),
                              OptionalInt.empty()));
          Source<ServerSentEvent, NotUsed> all =
              snapshot.orElse(false) ? live.prepend(Source.lazySource(this::snapshot)) : live;
          return complete(
              StatusCodes.OK,
              all.keepAlive(Duration.ofSeconds(10), ServerSentEvent::heartbeat),
              EventStreamMarshalling.toEventStream());
        });
  }

  private Source<ServerSentEvent, NotUsed> snapshot() {
    List<ServerSentEvent> events = new ArrayList<>();
    model
        .agents()
        .forEach(
            agent ->
                events.add(
                    ServerSentEvent.create(
                        model.json().write(model.json().agent(agent)), "agent")));
    model
        .jobs()
        .forEach(
            job ->
                events.add(
                    ServerSentEvent.create(model.json().write(model.json().job(job)), "job")));
    model.runs().stream()
        .filter(run -> run.end().isEmpty())
        .forEach(
            run ->
                events.add(
                    ServerSentEvent.create(
                        model.json().write(model.json().run(run, false)), "run")));
    events.add(ServerSentEvent.create("{}", "ready"));
    return Source.from(events);
  }

  private static LogStore.Stream stream(String word) {
    for (LogStore.Stream stream : LogStore.Stream.values()) {
      if (stream.word().equals(word)) {
        return stream;
      }
    }
    throw Problem.notFound("stream", "'" + word + "' is neither stdout nor stderr.");
  }

  private Route logs(ExecutionId id, LogStore.Stream stream) {
    return parameterOptional(
        StringUnmarshallers.LONG,
        "offset",
        offset ->
            parameterOptional(
                StringUnmarshallers.BOOLEAN,
                "follow",
                follow -> {
                  ExecutionRecord execution = RunRoutes.execution(model, id);
                  long from = offset.orElse(0L);
                  if (from < 0) {
                    throw new Problem(
                        400, "Malformed request", "offset = " + from + ": not negative");
                  }
                  boolean complete = model.isLogComplete(execution);
                  return complete(
                      HttpResponse.create()
                          .addHeader(
                              RawHeader.create("X-Holdfast-Complete", Boolean.toString(complete)))
                          .withEntity(
                              HttpEntities.createChunked(
                                  ContentTypes.APPLICATION_OCTET_STREAM,
                                  bytes(id, stream, from, follow.orElse(false)))));
                }));
  }

  private Source<ByteString, NotUsed> bytes(
      ExecutionId id, LogStore.Stream stream, long from, boolean follow) {
    return Source.unfoldAsync(from, offset -> next(id, stream, offset, follow))
        .filter(bytes -> !bytes.isEmpty());
  }

  private CompletionStage<Optional<Pair<Long, ByteString>>> next(
      ExecutionId id, LogStore.Stream stream, long offset, boolean follow) {
    // Asked for before looking, so that no change is missed.
    CompletionStage<Void> change = model.logs().nextChange(id);
    boolean complete = model.isLogComplete(RunRoutes.execution(model, id));
    return CompletableFuture.supplyAsync(() -> read(id, stream, offset), blocking)
        .thenCompose(
            bytes -> {
              if (bytes.length > 0) {
                return CompletableFuture.completedFuture(
                    Optional.of(Pair.create(offset + bytes.length, ByteString.fromArray(bytes))));
              }
              if (!follow || complete) {
                return CompletableFuture.completedFuture(Optional.empty());
              }
              return change.thenApply(
                  changed -> Optional.of(Pair.create(offset, ByteString.emptyByteString())));
            });
  }

  private byte[] read(ExecutionId id, LogStore.Stream stream, long offset) {
    try {
      return model.logs().read(id, stream, offset, MOST_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
