package io.holdfast.master.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import io.holdfast.master.link.AgentAddress;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.view.ReadModel;
import io.holdfast.protocol.id.AgentId;
import java.util.List;
import java.util.stream.Collectors;

/** Agents, their links, and what was reconciled. */
final class LinkRoutes extends AllDirectives {
  private final ReadModel model;

  LinkRoutes(ReadModel model) {
    this.model = model;
  }

  Route create() {
    return pathPrefix(
        "agents",
        () ->
            get(
                () ->
                    concat(
                        pathEnd(this::list),
                        path(segment(), this::show),
                        path(segment().slash("reconciliations"), this::reconciliations))));
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
