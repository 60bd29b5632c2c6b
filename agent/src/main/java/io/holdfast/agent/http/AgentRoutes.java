package io.holdfast.agent.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.HttpCredentials;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.unmarshalling.Unmarshaller;
import akka.japi.function.Function;
import io.holdfast.agent.config.MasterEntry;
import io.holdfast.agent.session.Answer;
import io.holdfast.agent.session.MasterSession;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.Refusal;
import io.holdfast.protocol.wire.WireJson;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What an agent answers over HTTP. A master proves itself with its token before anything else is
 * looked at; what is malformed is refused with what is wrong and changes nothing.
 */
public final class AgentRoutes extends AllDirectives {
  private static final Duration LONGEST_HOLD = Duration.ofSeconds(70);

  private final ActorSystem<?> system;
  private final Map<MasterId, MasterEntry> masters;
  private final Map<MasterId, ActorRef<MasterSession.Message>> sessions;
  private final OutputFiles outputs;

  public AgentRoutes(
      ActorSystem<?> system,
      Map<MasterId, MasterEntry> masters,
      Map<MasterId, ActorRef<MasterSession.Message>> sessions,
      OutputFiles outputs) {
    this.system = system;
    this.masters = masters;
    this.sessions = sessions;
    this.outputs = outputs;
  }

  /** All routes. */
  public Route create() {
    return pathPrefix(
        "agent",
        () ->
            pathPrefix(
                "v1",
                () ->
                    concat(
                        path("health", () -> get(() -> complete("ok\n"))),
                        pathPrefix(
                            segment("masters").slash(segment()),
                            name -> authenticated(name, this::ofMaster)))));
  }

  private Route authenticated(String name, java.util.function.Function<MasterId, Route> inner) {
    return extractCredentials(
        credentials -> {
          Optional<Refusal> refusal = refuse(name, credentials);
          return refusal.isPresent()
              ? complete(response(refusal.get()))
              : inner.apply(new MasterId(name));
        });
  }

  private Optional<Refusal> refuse(String name, Optional<HttpCredentials> credentials) {
    MasterEntry entry;
    try {
      entry = masters.get(new MasterId(name));
    } catch (IllegalArgumentException e) {
      return Optional.of(new Refusal(Refusal.Code.MALFORMED, e.getMessage(), Optional.empty()));
    }
    if (entry == null) {
      return Optional.of(
          new Refusal(
              Refusal.Code.UNKNOWN_MASTER,
              "master '" + name + "' is not in this agent's configuration (holdfast.agent.masters)",
              Optional.empty()));
    }
    if (!entry.accepts(credentials.map(HttpCredentials::token).orElse(""))) {
      return Optional.of(
          new Refusal(
              Refusal.Code.WRONG_TOKEN,
              "the token is not the one of holdfast.agent.masters." + name,
              Optional.empty()));
    }
    return Optional.empty();
  }

  private Route ofMaster(MasterId master) {
    return concat(
        path(
            "session",
            () ->
                post(
                    () ->
                        message(
                            Couple.Request.class,
                            request ->
                                ask(
                                    master,
                                    replyTo ->
                                        new MasterSession.CoupleArrived(request, replyTo))))),
        path(
            "exchange",
            () ->
                post(
                    () ->
                        message(
                            Exchange.Request.class,
                            request ->
                                ask(
                                    master,
                                    replyTo ->
                                        new MasterSession.ExchangeArrived(request, replyTo))))),
        path(
            segment("executions").slash(segment()).slash(segment()),
            (execution, stream) -> get(() -> output(master, execution, stream))));
  }

  private <T> Route message(Class<T> type, java.util.function.Function<T, Route> inner) {
    return entity(
        Unmarshaller.entityToByteArray(),
        bytes -> {
          T message;
          try {
            message = WireJson.read(bytes, type);
          } catch (IllegalArgumentException e) {
            return complete(
                response(new Refusal(Refusal.Code.MALFORMED, e.getMessage(), Optional.empty())));
          }
          return inner.apply(message);
        });
  }

  private Route ask(MasterId master, Function<ActorRef<Answer>, MasterSession.Message> message) {
    CompletionStage<Answer> answer =
        AskPattern.ask(sessions.get(master), message, LONGEST_HOLD, system.scheduler());
    return completeWithFuture(answer.thenApply(AgentRoutes::response));
  }

  private Route output(MasterId master, String execution, String stream) {
    return parameterOptional(
        akka.http.javadsl.unmarshalling.StringUnmarshallers.LONG,
        "offset",
        offset -> {
          ExecutionId id;
          try {
            id = ExecutionId.parse(execution);
          } catch (IllegalArgumentException e) {
            return complete(
                response(new Refusal(Refusal.Code.MALFORMED, e.getMessage(), Optional.empty())));
          }
          return completeWithFuture(outputs.read(master, id, stream, offset.orElse(0L)));
        });
  }

  private static HttpResponse response(Answer answer) {
    if (answer instanceof Answer.Coupled coupled) {
      return json(StatusCodes.OK, coupled.response());
    }
    if (answer instanceof Answer.Exchanged exchanged) {
      return json(StatusCodes.OK, exchanged.response());
    }
    return response(((Answer.Refused) answer).refusal());
  }

  private static HttpResponse response(Refusal refusal) {
    StatusCode status =
        switch (refusal.code()) {
          case UNKNOWN_MASTER, WRONG_TOKEN -> StatusCodes.FORBIDDEN;
          case MALFORMED -> StatusCodes.BAD_REQUEST;
          case NOT_READY -> StatusCodes.SERVICE_UNAVAILABLE;
          case WRONG_AGENT, OLDER_EPOCH, OTHER_SESSION, STALE_EXCHANGE, LEASE_OVER ->
              StatusCodes.CONFLICT;
        };
    return json(status, refusal);
  }

  private static HttpResponse json(StatusCode status, Object message) {
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, WireJson.write(message)));
  }
}
