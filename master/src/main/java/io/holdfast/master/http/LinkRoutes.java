package io.holdfast.master.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.unmarshalling.Unmarshaller;
import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.master.link.AgentAddress;
import io.holdfast.master.link.AgentLink;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.view.ReadModel;
import io.holdfast.protocol.id.AgentId;
import java.util.List;
import java.util.stream.Collectors;

/** Agents, their links, and what was reconciled. */
final class LinkRoutes extends AllDirectives {
  private static final int MOST_WHY = 1000;

  private final ReadModel model;
  private final Entities entities;

  LinkRoutes(ReadModel model, Entities entities) {
    this.model = model;
    this.entities = entities;
  }

  Route create() {
    return pathPrefix(
        "agents",
        () ->
            concat(
                get(
                    () ->
                        concat(
                            pathEnd(this::list),
                            path(segment(), this::show),
                            path(segment().slash("reconciliations"), this::reconciliations))),
                post(() -> path(segment().slash("confirm-lost"), this::confirmLost))));
  }

  private Route confirmLost(String id) {
    return entity(
        Unmarshaller.entityToByteArray(),
        bytes -> {
          AgentAddress agent = known(id);
          JsonNode body = JobRoutes.object(bytes);
          String why = text(body, "reason", MOST_WHY);
          String who = text(body, Asker.FIELD, Asker.MOST);
          return completeWithFuture(
              entities
                  .confirmLost(agent.id(), who, why)
                  .thenApply(answer -> confirmed(agent, answer)));
        });
  }

  private static String text(JsonNode body, String field, int most) {
    JsonNode value = body.path(field);
    String text = value.asText("").strip();
    if (!value.isTextual() || text.isEmpty() || text.length() > most) {
      throw new Problem(
          400,
          "Malformed request",
          field
              + (value.isTextual() ? " has " + text.length() + " characters" : " is missing")
              + ": say "
              + (field.equals(Asker.FIELD) ? "who vouches" : "why the machine is known to be off")
              + ", in 1 to "
              + most
              + " characters");
    }
    return text;
  }

  private HttpResponse confirmed(AgentAddress agent, AgentLink.ConfirmAnswer answer) {
    if (answer instanceof AgentLink.ConfirmAnswer.Confirmed done) {
      return ApiRoutes.ok(model.json().confirmation(done.event()));
    }
    throw new Problem(
        409,
        "Agent is connected",
        "Agent '"
            + agent.id()
            + "' is connected: it says itself what runs there. Cancel the runs instead;"
            + " confirm-lost is for a machine that is off.");
  }

  private Route list() {
    return complete(
        ApiRoutes.ok(
            model
                .json()
                .list("agents", model.agents().stream().map(model.json()::agent).toList())));
  }

  private Route show(String id) {
    return complete(ApiRoutes.ok(model.json().agent(known(id))));
  }

  private Route reconciliations(String id) {
    AgentAddress agent = known(id);
    List<LinkEvent.Reconciled> reports =
        model.link(agent.id()).map(LinkState::reports).orElse(List.of());
    return complete(
        ApiRoutes.ok(
            model
                .json()
                .list(
                    "reconciliations",
                    reports.stream()
                        .map(report -> model.json().report(agent.id(), report))
                        .toList())));
  }

  private AgentAddress known(String id) {
    return model
        .address(new AgentId(id))
        .orElseThrow(
            () ->
                Problem.notFound(
                    "agent",
                    "There is no agent '"
                        + id
                        + "'. Known agents: "
                        + model.agents().stream()
                            .map(agent -> agent.id().value())
                            .collect(Collectors.joining(", "))
                        + "."));
  }
}
