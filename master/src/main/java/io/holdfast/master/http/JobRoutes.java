package io.holdfast.master.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.unmarshalling.Unmarshaller;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.catalog.Catalog;
import io.holdfast.master.config.MasterConfig;
import io.holdfast.master.jobfile.JobFileResult;
import io.holdfast.master.jobfile.JobFiles;
import io.holdfast.master.jobfile.KnownAgents;
import io.holdfast.master.jobfile.RunParameters;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.master.run.RunRules;
import io.holdfast.master.view.ReadModel;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.wire.WireJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Jobs: apply, list, show; and the start of a run. */
public final class JobRoutes extends AllDirectives {
  private static final int MOST_REQUEST_ID = 200;

  private final MasterConfig config;
  private final ReadModel model;
  private final Entities entities;

  public JobRoutes(MasterConfig config, ReadModel model, Entities entities) {
    this.config = config;
    this.model = model;
    this.entities = entities;
  }

  Route create() {
    return pathPrefix(
        "jobs",
        () ->
            concat(
                pathEnd(() -> concat(get(this::list), post(this::apply))),
                path(segment(), name -> get(() -> show(name))),
                path(segment().slash("runs"), name -> post(() -> start(name)))));
  }

  private Route list() {
    return complete(
        ApiRoutes.ok(
            model.json().list("jobs", model.jobs().stream().map(model.json()::job).toList())));
  }

  private Route show(String name) {
    return complete(ApiRoutes.ok(model.json().job(known(name))));
  }

  private JobState known(String name) {
    return model
        .job(new JobName(name))
        .orElseThrow(
            () ->
                Problem.notFound(
                    "job", "There is no job '" + name + "'. Known jobs: " + knownNames() + "."));
  }

  private String knownNames() {
    String names =
        model.jobs().stream()
            .limit(20)
            .map(job -> job.definition().orElseThrow().name())
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "none; apply a job file first" : names;
  }

  private Route apply() {
    return parameterOptional(Asker.FIELD, by -> apply(Asker.of(by)));
  }

  private Route apply(Optional<String> by) {
    return entity(
        Unmarshaller.entityToByteArray(),
        bytes -> {
          JobFileResult result =
              JobFiles.parse(
                  new String(bytes, StandardCharsets.UTF_8),
                  KnownAgents.of(
                      config.agents().stream().map(agent -> agent.id().value()).toList(),
                      config.groups().keySet()),
                  config.mostKillGrace());
          if (result instanceof JobFileResult.Refused refused) {
            throw new Problem(
                422,
                "Job file refused",
                "Nothing was applied: " + refused.errors().size() + " error(s).",
                refused.errors());
          }
          var file = ((JobFileResult.Accepted) result).file();
          entities.admit();
          return completeWithFuture(entities.apply(file.jobs(), by).thenApply(JobRoutes::applied));
        });
  }

  private static HttpResponse applied(Catalog.Answer answer) {
    if (answer.refused().isPresent()) {
      throw new Problem(429, "Too many jobs", answer.refused().get());
    }
    ObjectNode body = WireJson.MAPPER.createObjectNode();
    ArrayNode jobs = body.putArray("jobs");
    answer
        .changes()
        .forEach((name, change) -> jobs.addObject().put("name", name).put("change", change));
    return ApiRoutes.ok(body);
  }

  private Route start(String name) {
    JobName job = new JobName(name);
    return entity(
        Unmarshaller.entityToByteArray(),
        bytes -> {
          JsonNode body = object(bytes);
          Optional<String> requestId = requestId(body);
          Optional<String> by = Asker.of(body);
          JobState state = known(name);
          if (requestId.flatMap(id -> RunRules.repeated(state, Optional.of(id))).isPresent()) {
            return complete(
                ApiRoutes.ok(
                    model.json().run(RunRules.repeated(state, requestId).orElseThrow(), true)));
          }
          SortedMap<String, String> parameters = parameters(state, body.path("parameters"));
          RunRules.refuseRun(state)
              .ifPresent(
                  why -> {
                    throw new Problem(429, "Too many runs", why);
                  });
          entities.admit();
          String mark = requestId.orElseGet(() -> UUID.randomUUID().toString());
          return completeWithFuture(
              started(job, new JobCommand.RequestRun(parameters, Optional.of(mark), by)));
        });
  }

  private CompletionStage<HttpResponse> started(JobName job, JobCommand.RequestRun request) {
    return entities
        .job(job, request)
        .thenApply(
            state -> {
              RunRecord run =
                  RunRules.repeated(state, request.requestId())
                      .orElseThrow(
                          () ->
                              new Problem(
                                  429,
                                  "Too many runs",
                                  RunRules.refuseRun(state).orElse("try again")));
              return ApiRoutes.json(StatusCodes.CREATED, model.json().run(run, true));
            });
  }

  private static SortedMap<String, String> parameters(JobState state, JsonNode given) {
    Map<String, String> values = new TreeMap<>();
    if (!given.isMissingNode() && !given.isObject()) {
      throw new Problem(400, "Malformed request", "parameters: not an object of strings");
    }
    for (Iterator<Map.Entry<String, JsonNode>> all = given.fields(); all.hasNext(); ) {
      Map.Entry<String, JsonNode> entry = all.next();
      if (!entry.getValue().isTextual()) {
        throw new Problem(
            400,
            "Malformed request",
            "parameters." + entry.getKey() + " = " + entry.getValue() + ": write it as a string");
      }
      values.put(entry.getKey(), entry.getValue().textValue());
    }
    var result = RunParameters.apply(state.definition().orElseThrow(), values);
    if (result instanceof RunParameters.Result.Refused refused) {
      throw new Problem(422, "Parameters refused", "The run was not started.", refused.errors());
    }
    return ((RunParameters.Result.Accepted) result).parameters();
  }

  private static Optional<String> requestId(JsonNode body) {
    JsonNode id = body.path("requestId");
    if (id.isMissingNode() || id.isNull()) {
      return Optional.empty();
    }
    if (!id.isTextual() || id.textValue().isEmpty() || id.textValue().length() > MOST_REQUEST_ID) {
      throw new Problem(
          400,
          "Malformed request",
          "requestId: a string of 1 to " + MOST_REQUEST_ID + " characters");
    }
    return Optional.of(id.textValue());
  }

  static JsonNode object(byte[] bytes) {
    if (bytes.length == 0) {
      return WireJson.MAPPER.createObjectNode();
    }
    try {
      JsonNode node = WireJson.MAPPER.readTree(bytes);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (IOException e) {
      throw new Problem(400, "Malformed request", "The body is not JSON: " + e.getMessage());
    }
    throw new Problem(400, "Malformed request", "The body is not a JSON object.");
  }
}
