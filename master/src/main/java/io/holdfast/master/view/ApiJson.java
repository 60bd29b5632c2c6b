package io.holdfast.master.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.Target;
import io.holdfast.master.link.AgentAddress;
import io.holdfast.master.link.ExecutionPhase;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.LinkStatus;
import io.holdfast.master.log.LogStore;
import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.master.run.RunRules;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.wire.WireJson;
import java.util.List;
import java.util.Optional;

/** The objects of {@code docs/http-api.md}, made of what the {@link ReadModel} has. */
public final class ApiJson {
  private static final String ADOPTED =
      "taken over from the agent: this master's journal had lost it";

  private final ReadModel model;

  ApiJson(ReadModel model) {
    this.model = model;
  }

  /** As text. */
  public String write(JsonNode node) {
    try {
      return WireJson.MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code {"name":[...]}}. */
  public ObjectNode list(String name, Iterable<? extends JsonNode> items) {
    ObjectNode object = object();
    ArrayNode array = object.putArray(name);
    items.forEach(array::add);
    return object;
  }

  private static ObjectNode object() {
    return WireJson.MAPPER.createObjectNode();
  }

  private static void put(ObjectNode object, String field, Object value) {
    Object unwrapped = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    if (unwrapped != null) {
      object.set(field, WireJson.MAPPER.valueToTree(unwrapped));
    }
  }

  /** A {@code Job}. */
  public ObjectNode job(JobState state) {
    JobDefinition definition = state.definition().orElseThrow();
    ObjectNode job = object();
    job.put("name", definition.name());
    job.put("run", definition.run());
    if (definition.target() instanceof Target.OneAgent one) {
      job.put("agent", one.agent());
    } else {
      job.put("group", ((Target.Group) definition.target()).group());
    }
    put(job, "parameters", definition.parameters());
    put(job, "timeout", definition.timeout());
    put(job, "killGrace", definition.killGrace());
    job.put("onConnectionLoss", definition.onConnectionLoss().text());
    job.put("onLost", definition.onLost().text());
    job.put("atMostOnce", definition.atMostOnce());
    if (state.cut().isPresent()) {
      put(job, "notice", RunRules.refuseRun(state));
    }
    job.put("runs", state.newestRun());
    job.put("activeRuns", state.runs().values().stream().filter(r -> r.end().isEmpty()).count());
    if (!state.runs().isEmpty()) {
      job.set("lastRun", run(state.runs().get(state.runs().lastKey()), false));
    }
    return job;
  }

  /** A {@code Run}, with its executions or without. */
  public ObjectNode run(RunRecord run, boolean withExecutions) {
    ObjectNode node = object();
    node.put("id", run.id().toString());
    node.put("job", run.id().job().value());
    node.put("number", run.id().number());
    node.put("state", state(run));
    put(node, "parameters", run.parameters());
    put(node, "requestedAt", run.requestedAt());
    put(node, "endedAt", run.end().map(end -> end.at()));
    put(node, "cancelRequestedAt", run.cancel().map(cancel -> cancel.at()));
    put(node, "cancelRequestedBy", run.cancel().flatMap(cancel -> cancel.by()));
    put(node, "message", message(run));
    if (run.end().isPresent()) {
      put(node, "outcome", run.last().flatMap(ExecutionRecord::end).map(end -> end.outcome()));
    }
    ToldJson.put(node, run.told(), withExecutions);
    if (withExecutions) {
      ArrayNode executions = node.putArray("executions");
      run.executions().forEach(execution -> executions.add(execution(execution)));
    }
    return node;
  }

  /** The word for a run's state. */
  public String state(RunRecord run) {
    if (run.end().isPresent()) {
      return run.end().get().result().word();
    }
    boolean begun =
        run.last()
            .flatMap(model::linkExecution)
            .filter(e -> e.phase() != ExecutionPhase.QUEUED)
            .isPresent();
    return begun ? "active" : "queued";
  }

  private String message(RunRecord run) {
    if (run.end().isPresent()) {
      return run.end().get().message();
    }
    if (run.executions().isEmpty()) {
      return "waits for the run before it, or for an agent to connect";
    }
    return execution(run.last().orElseThrow()).path("message").asText();
  }

  /** An {@code Execution}. */
  public ObjectNode execution(ExecutionRecord execution) {
    Optional<LinkExecution> link = model.linkExecution(execution);
    Optional<LinkStatus> status = model.status(execution.agent());
    ObjectNode node = object();
    node.put("id", execution.id().toString());
    node.put("run", execution.id().run().toString());
    node.put("job", execution.id().job().value());
    node.put("attempt", execution.id().attempt());
    node.put("agent", execution.agent().value());
    node.put("fencingToken", execution.token().value());
    String state = state(execution, link, status);
    node.put("state", state);
    put(node, "assignedAt", execution.assignedAt());
    put(
        node,
        "startedAt",
        execution
            .end()
            .flatMap(end -> end.startedAt())
            .or(() -> link.filter(LinkExecution::isOurs).flatMap(LinkExecution::startedAt)));
    put(node, "endedAt", execution.end().map(end -> end.endedAt().orElse(end.at())));
    put(node, "outcome", execution.end().map(end -> end.outcome()));
    put(node, "amended", execution.amended());
    if (execution.adopted()) {
      node.put("adopted", true);
    }
    put(node, "requests", link.map(LinkExecution::requests));
    node.put("stdoutBytes", model.stored(execution, LogStore.Stream.STDOUT));
    node.put("stderrBytes", model.stored(execution, LogStore.Stream.STDERR));
    node.put("logsComplete", model.isLogComplete(execution));
    node.put("message", message(execution, state, status));
    return node;
  }

  private static String state(
      ExecutionRecord execution, Optional<LinkExecution> link, Optional<LinkStatus> status) {
    if (execution.end().isPresent()) {
      return "ended";
    }
    ExecutionPhase phase = link.map(LinkExecution::phase).orElse(ExecutionPhase.QUEUED);
    if (phase.mayBeAlive() && status.filter(s -> s.link().isOutOfSight()).isPresent()) {
      return "unreachable";
    }
    return switch (phase) {
      case QUEUED -> "queued";
      case SENT, UNSURE, ACCEPTED -> "sent";
      case RUNNING -> link.flatMap(LinkExecution::stop).isPresent() ? "stopping" : "running";
      case STOPPING -> "stopping";
      case ENDED, LOST -> "ended";
    };
  }

  private static String message(
      ExecutionRecord execution, String state, Optional<LinkStatus> status) {
    return switch (state) {
      case "ended" ->
          execution.end().map(end -> end.outcome().words()).orElse("ended")
              + execution.amended().map(late -> "; later heard: " + late.words()).orElse("")
              + (execution.adopted() ? "; " + ADOPTED : "");
      case "queued" ->
          status.filter(s -> s.link() == LinkStatus.Link.CONNECTED).isPresent()
              ? "waits for a free place on " + execution.agent()
              : "waits for " + execution.agent() + " to connect";
      case "unreachable" -> execution.agent() + " is not heard; it may still be running there";
      default -> state + " on " + execution.agent() + (execution.adopted() ? "; " + ADOPTED : "");
    };
  }

  /** An {@code Agent}. */
  public ObjectNode agent(AgentAddress address) {
    ObjectNode node = object();
    node.put("id", address.id().value());
    node.put("url", address.url().toString());
    Optional<LinkStatus> status = model.status(address.id());
    node.put("link", status.map(s -> s.link().word()).orElse("connecting"));
    put(node, "since", status.map(LinkStatus::since));
    put(node, "lastHeard", status.flatMap(LinkStatus::lastHeard));
    status.ifPresent(s -> node.put("retry", s.retry()));
    node.put("retryAttempts", model.timing().retryAttempts());
    put(node, "leaseRemaining", status.flatMap(LinkStatus::leaseRemaining));
    node.put("openExecutions", model.openExecutions(address.id()));
    status.ifPresent(s -> node.put("taskLimit", s.taskLimit()));
    put(node, "epoch", status.map(LinkStatus::epoch));
    put(node, "journalId", status.flatMap(LinkStatus::journal));
    put(node, "incarnation", status.flatMap(LinkStatus::incarnation));
    put(node, "message", status.map(LinkStatus::message).filter(m -> !m.isEmpty()));
    List<LinkEvent.ConfirmedLost> confirmations =
        model.link(address.id()).map(LinkState::confirmations).orElse(List.of());
    if (!confirmations.isEmpty()) {
      ArrayNode array = node.putArray("confirmations");
      confirmations.forEach(confirmed -> array.add(confirmation(confirmed)));
    }
    return node;
  }

  /** A {@code Confirmation}. */
  public ObjectNode confirmation(LinkEvent.ConfirmedLost event) {
    ObjectNode node = object();
    put(node, "at", event.at());
    node.put("by", event.who());
    node.put("reason", event.why());
    put(node, "executions", event.executions());
    return node;
  }

  /** A {@code Report}. */
  public ObjectNode report(AgentId agent, LinkEvent.Reconciled report) {
    ObjectNode node = object();
    put(node, "at", report.at());
    node.put("agent", agent.value());
    put(node, "epoch", report.epoch());
    put(node, "incarnation", report.incarnation());
    put(node, "entries", report.entries());
    return node;
  }
}
