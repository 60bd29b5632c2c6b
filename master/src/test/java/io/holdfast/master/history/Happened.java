package io.holdfast.master.history;

import akka.persistence.query.EventEnvelope;
import akka.persistence.query.Offset;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.wire.Exchange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Events as a journal has them: each a second later than the one before. */
final class Happened {
  static final Instant START = Instant.parse("2026-11-22T15:00:00.123456Z");

  private final List<EventEnvelope> events = new ArrayList<>();
  private Instant now = START;

  private Happened() {}

  static Happened nothing() {
    return new Happened();
  }

  private Instant tick() {
    now = now.plusSeconds(1);
    return now;
  }

  private Happened add(String id, Object event) {
    long number = events.stream().filter(e -> e.persistenceId().equals(id)).count() + 1;
    events.add(new EventEnvelope(Offset.sequence(events.size() + 1), id, number, event, 0));
    return this;
  }

  private Happened job(ExecutionId id, JobEvent event) {
    return add("job|" + id.job().value(), event);
  }

  Happened asked(String run) {
    RunId id = RunId.parse(run);
    return add(
        "job|" + id.job().value(),
        new JobEvent.RunRequested(id, new TreeMap<>(), Optional.of("r-" + id.number()), tick()));
  }

  Happened cancelAsked(String run) {
    RunId id = RunId.parse(run);
    return add("job|" + id.job().value(), new JobEvent.CancelRequested(id, "enough", tick()));
  }

  Happened begun(String execution, String agent) {
    ExecutionId id = ExecutionId.parse(execution);
    return job(
        id,
        new JobEvent.ExecutionBegun(
            id, new AgentId(agent), new FencingToken(id.run().number()), tick()));
  }

  Happened ended(String execution, Outcome outcome) {
    ExecutionId id = ExecutionId.parse(execution);
    return job(
        id,
        new JobEvent.ExecutionEnded(id, outcome, Optional.of(now), Optional.of(tick()), tick()));
  }

  Happened amended(String execution, Outcome outcome) {
    ExecutionId id = ExecutionId.parse(execution);
    return job(id, new JobEvent.ExecutionAmended(id, outcome, tick()));
  }

  Happened over(String run, RunResult result, String message) {
    RunId id = RunId.parse(run);
    return add("job|" + id.job().value(), new JobEvent.RunEnded(id, result, message, tick()));
  }

  Happened adopted(String execution, String agent) {
    ExecutionId id = ExecutionId.parse(execution);
    return job(
        id,
        new JobEvent.RunAdopted(
            id, new AgentId(agent), Optional.empty(), Optional.empty(), tick()));
  }

  /** A run from its beginning to its end. */
  Happened whole(String run, String agent, RunResult result) {
    Outcome outcome = result == RunResult.SUCCEEDED ? new Outcome.Exited(0) : new Outcome.Exited(3);
    return asked(run)
        .begun(run + ".1", agent)
        .started(run + ".1", agent)
        .ended(run + ".1", outcome)
        .over(run, result, outcome.words());
  }

  Happened started(String execution, String agent) {
    return reported(
        execution, agent, new TaskEvent.Started(new ProcessInfo(4711, 12, "boot-1"), tick()));
  }

  Happened reported(String execution, String agent, TaskEvent event) {
    return link(
        agent,
        new LinkEvent.Reported(
            List.of(new Exchange.Report(ExecutionId.parse(execution), 2, event)), tick()));
  }

  Happened activated(String agent, long epoch) {
    return link(agent, new LinkEvent.Activated(new MasterEpoch(epoch), Optional.empty(), tick()));
  }

  Happened lost(String agent, boolean confirmed) {
    return link(
        agent,
        confirmed
            ? new LinkEvent.ConfirmedLost(List.of(), "ann", "it burnt down", tick())
            : new LinkEvent.LostDeclared(List.of(), "not heard", tick()));
  }

  Happened link(String agent, LinkEvent event) {
    return add("agent|" + agent, event);
  }

  /** Those of one stream, in their order. */
  List<EventEnvelope> of(HistoryStream stream) {
    return events.stream().filter(e -> e.persistenceId().startsWith(stream.tag() + "|")).toList();
  }

  List<EventEnvelope> all() {
    return List.copyOf(events);
  }
}
