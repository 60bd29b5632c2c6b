package io.holdfast.agent.taskapi;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Authorization;
import akka.http.javadsl.model.headers.RawHeader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.agent.session.MasterSession;
import io.holdfast.agent.session.Standing;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import io.holdfast.protocol.wire.WireJson;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What tasks ask over HTTP ({@code docs/task-api.md}). A task proves itself with its token before
 * anything else is looked at. A call that needs the master is answered when the master has, however
 * long that takes; one that the agent can answer alone never waits.
 *
 * <p>Threading: thread-safe. State: how many requests wait, bounded by {@link #MOST_WAITING}.
 */
final class TaskRequests {
  /** Requests of all tasks that wait for a master. */
  static final int MOST_WAITING = 2048;

  private static final String PREFIX = "/task/v1/";
  private static final String VARIABLES = "variables/";

  private final ActorSystem<?> system;
  private final TaskTokens tokens;
  private final Supplier<Map<MasterId, ActorRef<MasterSession.Message>>> sessions;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param sessions empty until the agent has read its journal
   */
  TaskRequests(
      ActorSystem<?> system,
      TaskTokens tokens,
      Supplier<Map<MasterId, ActorRef<MasterSession.Message>>> sessions) {
    this.system = system;
    this.tokens = tokens;
    this.sessions = sessions;
  }

  CompletionStage<HttpResponse> handle(HttpRequest request) {
    Optional<TaskTokens.Task> task =
        request
            .getHeader(Authorization.class)
            .flatMap(header -> tokens.task(header.credentials().token()));
    return task.isPresent()
        ? routed(task.get(), request)
        : unread(
            request,
            Problems.of(
                    401,
                    "No token of a task",
                    "Authorization",
                    "send 'Authorization: Bearer' with the value of HOLDFAST_TASK_TOKEN")
                .addHeader(RawHeader.create("WWW-Authenticate", "Bearer")));
  }

  /** A body that nobody reads would hold the connection up. */
  private CompletionStage<HttpResponse> unread(HttpRequest request, HttpResponse response) {
    request.discardEntityBytes(system);
    return done(response);
  }

  private CompletionStage<HttpResponse> routed(TaskTokens.Task task, HttpRequest request) {
    String path = request.getUri().getPathString();
    String method = request.method().value();
    String rest = path.startsWith(PREFIX) ? path.substring(PREFIX.length()) : "";
    String name = rest.startsWith(VARIABLES) ? rest.substring(VARIABLES.length()) : "";
    if (!name.isEmpty() && name.indexOf('/') < 0) {
      return switch (method) {
        case "GET" -> call(task, request, new TaskCall.GetVariable(name));
        case "PUT" -> put(task, request, name);
        default -> notAllowed(request, "GET, PUT");
      };
    }
    return switch (rest) {
      case "progress" ->
          method.equals("POST") ? progress(task, request) : notAllowed(request, "POST");
      case "note" -> method.equals("POST") ? note(task, request) : notAllowed(request, "POST");
      case "still-mine" -> method.equals("GET") ? standing(task) : notAllowed(request, "GET");
      default ->
          unread(
              request,
              Problems.of(
                  404,
                  "Unknown route",
                  "path",
                  "there is no " + path + ": docs/task-api.md lists what there is"));
    };
  }

  private static CompletionStage<HttpResponse> done(HttpResponse response) {
    return CompletableFuture.completedFuture(response);
  }

  private CompletionStage<HttpResponse> notAllowed(HttpRequest request, String allowed) {
    String method = request.method().value();
    return unread(
        request,
        Problems.of(
                405,
                "Wrong method",
                "method",
                request.getUri().getPathString() + " does not take " + method + " but " + allowed)
            .addHeader(RawHeader.create("Allow", allowed)));
  }

  private CompletionStage<HttpResponse> put(
      TaskTokens.Task task, HttpRequest request, String name) {
    Optional<TaskAnswer.Refused> wrong = new TaskCall.GetVariable(name).wrong();
    return wrong.isPresent()
        ? unread(request, Problems.of(wrong.get()))
        : refusals(
            Bodies.text(request, "value", TaskCall.MOST_VALUE, system)
                .thenCompose(value -> call(task, request, new TaskCall.PutVariable(name, value))));
  }

  private CompletionStage<HttpResponse> note(TaskTokens.Task task, HttpRequest request) {
    return refusals(
        Bodies.text(request, "text", TaskCall.MOST_NOTE, system)
            .thenCompose(text -> call(task, request, new TaskCall.Note(text.stripTrailing()))));
  }

  private CompletionStage<HttpResponse> progress(TaskTokens.Task task, HttpRequest request) {
    boolean json =
        request.entity().getContentType().mediaType().equals(MediaTypes.APPLICATION_JSON);
    return refusals(
        Bodies.text(request, "body", 8 * TaskCall.MOST_TEXT, system)
            .thenCompose(body -> call(task, request, Bodies.progress(json, body))));
  }

  private static CompletionStage<HttpResponse> refusals(CompletionStage<HttpResponse> answer) {
    return answer.exceptionally(
        failure -> {
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          if (cause instanceof Bodies.Refusal refusal) {
            return Problems.of(refusal.refused());
          }
          throw failure instanceof CompletionException known
              ? known
              : new CompletionException(failure);
        });
  }

  private CompletionStage<HttpResponse> call(
      TaskTokens.Task task, HttpRequest request, TaskCall.Ask ask) {
    Optional<String> key = request.getHeader("Idempotency-Key").map(HttpHeader::value);
    Optional<TaskAnswer.Refused> wrong = key.flatMap(TaskCall::wrongKey).or(ask::wrong);
    if (wrong.isPresent()) {
      return done(Problems.of(wrong.get()));
    }
    Optional<ActorRef<MasterSession.Message>> session = session(task);
    if (session.isEmpty()) {
      return done(notYet());
    }
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      return done(
          Problems.of(
              429,
              "Too many calls wait",
              "calls",
              MOST_WAITING + " calls of this agent's tasks wait for a master: try again later"));
    }
    CompletableFuture<TaskAnswer> reply = new CompletableFuture<>();
    session.get().tell(new MasterSession.TaskCalled(task.execution(), ask, key, reply));
    return reply
        .whenComplete((answer, failure) -> waiting.decrementAndGet())
        .thenApply(TaskRequests::response);
  }

  private Optional<ActorRef<MasterSession.Message>> session(TaskTokens.Task task) {
    return Optional.ofNullable(sessions.get().get(task.master()));
  }

  private static HttpResponse notYet() {
    return Problems.of(
        503, "Not ready", "", "the agent is still reading its journal: try again in a moment");
  }

  private static HttpResponse response(TaskAnswer answer) {
    if (answer instanceof TaskAnswer.Refused refused) {
      return Problems.of(refused);
    }
    if (answer instanceof TaskAnswer.Value value) {
      return HttpResponse.create()
          .withEntity(ContentTypes.TEXT_PLAIN_UTF8, value.value())
          .addHeader(RawHeader.create("Holdfast-Fencing-Token", value.writer().toString()));
    }
    return HttpResponse.create().withStatus(StatusCodes.NO_CONTENT);
  }

  private CompletionStage<HttpResponse> standing(TaskTokens.Task task) {
    Optional<ActorRef<MasterSession.Message>> session = session(task);
    if (session.isEmpty()) {
      return done(notYet());
    }
    CompletableFuture<Optional<Standing>> reply = new CompletableFuture<>();
    session.get().tell(new MasterSession.StandingAsked(task.execution(), reply));
    return reply.thenApply(
        standing -> standing.map(TaskRequests::response).orElseGet(TaskRequests::notYet));
  }

  private static HttpResponse response(Standing standing) {
    if (!standing.mine()) {
      return Problems.of(
          410,
          "Execution is over",
          "execution",
          "execution " + standing.execution() + " has ended, or is being stopped");
    }
    ObjectNode node = WireJson.MAPPER.createObjectNode();
    node.put("execution", standing.execution().toString());
    standing.fencingToken().ifPresent(token -> node.put("fencingToken", token.value()));
    standing
        .leaseRemaining()
        .ifPresent(
            left -> {
              node.put("leaseRemaining", left.toString());
              node.put("leaseRemainingSeconds", left.toSeconds());
            });
    return HttpResponse.create()
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, WireJson.write(node)));
  }
}
