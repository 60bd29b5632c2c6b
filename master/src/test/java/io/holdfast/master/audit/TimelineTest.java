package io.holdfast.master.audit;

import static io.holdfast.master.audit.Story.accepted;
import static io.holdfast.master.audit.Story.at;
import static io.holdfast.master.audit.Story.begun;
import static io.holdfast.master.audit.Story.defined;
import static io.holdfast.master.audit.Story.ended;
import static io.holdfast.master.audit.Story.finished;
import static io.holdfast.master.audit.Story.id;
import static io.holdfast.master.audit.Story.requested;
import static io.holdfast.master.audit.Story.spec;
import static io.holdfast.master.audit.Story.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.holdfast.master.catalog.CatalogEvent;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.RunResult;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.wire.Exchange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** P5: the time line of both sides, and what was open at a past moment. */
class TimelineTest {
  private static final Outcome OK = new Outcome.Exited(0);

  private static Story master() {
    return Story.ofMaster()
        .add(
            "catalog", new CatalogEvent.JobsApplied(List.of(Story.job("a"), Story.job("b")), at(0)))
        .add("job|b", defined("b", 0), requested("b#1.1", 1))
        .add(
            "job|a",
            defined("a", 0),
            requested("a#1.1", 10),
            begun("a#1.1", "agent-1", 1, 11),
            new JobEvent.CancelRequested(id("a#1.1").run(), "enough", at(40)),
            ended("a#1.1", OK, 51),
            new JobEvent.RunEnded(id("a#1.1").run(), RunResult.SUCCEEDED, "exited 0", at(51)))
        .add(
            "agent|agent-1",
            new LinkEvent.Activated(new MasterEpoch(3), Optional.empty(), at(1)),
            new LinkEvent.Assigned(spec("a#1.1", 1), true, at(12)),
            new LinkEvent.Sending(List.of(id("a#1.1").request(1)), at(13)),
            new LinkEvent.Reported(
                List.of(new Exchange.Report(id("a#1.1"), 2, started(15))), at(16)),
            new LinkEvent.Reconciled(
                new MasterEpoch(3),
                new JournalId("aj-1"),
                new Incarnation("i-2"),
                List.of(
                    new ReconcileEntry(
                        id("a#1.1"),
                        "running",
                        "running",
                        ReconcileDecision.RESUME,
                        "it went on all the time",
                        false)),
                List.of(
                    new InventoryItem(
                        id("a#1.1"),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        TaskPhase.RUNNING,
                        2,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        0)),
                at(30)),
            new LinkEvent.Reported(
                List.of(new Exchange.Report(id("a#1.1"), 3, finished(OK, 50))), at(50)));
  }

  /** Its clock is a second behind, and is set back by a minute before the end. */
  private static Story agent() {
    return Story.ofAgent("agent-1")
        .add("task|main|a#1.1", accepted("a#1.1", 1, 12), started(14), finished(OK, -11))
        .add(
            "session|main",
            "session-master-seen/1",
            "{\"epoch\":3,\"masterJournal\":\"mj-1\",\"life\":\"l-1\",\"at\":\"" + at(2) + "\"}");
  }

  private static Wanted wanted(String job, String run, String execution, String agent) {
    return new Wanted(
        Optional.ofNullable(job),
        Optional.ofNullable(run).map(RunId::parse),
        Optional.ofNullable(execution).map(Story::id),
        Optional.ofNullable(agent),
        Optional.empty(),
        Optional.empty());
  }

  private static List<Timeline.Row> rows(Wanted wanted, Story... stories) {
    List<Journal> journals = new ArrayList<>();
    for (Story story : stories) {
      journals.add(story.journal(journals.size()));
    }
    List<Timeline.Row> rows = new ArrayList<>();
    try (Timeline timeline = new Timeline(AuditEvents.reader(), wanted, () -> {})) {
      timeline.forEach(journals, rows::add);
    }
    return rows;
  }

  private static List<String> places(List<Timeline.Row> rows) {
    return rows.stream().map(r -> r.persistenceId() + " " + r.sequenceNr()).toList();
  }

  @Test
  void p5AnExecutionIsToldFromBothSidesWithItsCausesAndAClockThatWasSetBackReordersNothing() {
    List<Timeline.Row> rows = rows(wanted(null, null, "a#1.1", null), master(), agent());
    assertThat(places(rows))
        .containsExactly(
            "job|a 2",
            "job|a 3",
            "agent|agent-1 2",
            "task|main|a#1.1 1",
            "agent|agent-1 3",
            "task|main|a#1.1 2",
            "task|main|a#1.1 3",
            "agent|agent-1 4",
            "agent|agent-1 5",
            "job|a 4",
            "agent|agent-1 6",
            "job|a 5",
            "job|a 6");
    assertThat(rows.get(6).at()).as("as the agent's clock had it").isEqualTo(at(-11));
    assertThat(rows)
        .extracting(row -> row.statement().text() + " | " + row.statement().cause())
        .contains(
            "run a#1 was requested | request id r-10",
            "start request a#1.1/1 may leave for agent-1 | epoch 3",
            "task a#1.1 of master main at agent-1: the order was accepted, fencing token 1 | request"
                + " a#1.1/1, of the master's journal mj-1",
            "agent-1 is heard again: of a#1.1 the master had 'running', it says 'running' → resume:"
                + " it went on all the time | reconciliation in epoch 3 with agent-1, its life i-2"
                + " over data directory aj-1",
            "run a#1 is to be cancelled | asked for with the reason: 'enough'");
  }

  @Test
  void jobRunAndAgentHaveTimeLinesOfTheirOwn() {
    assertThat(places(rows(wanted("a", null, null, null), master(), agent())))
        .startsWith("catalog 1", "job|a 1", "job|a 2")
        .doesNotContain("agent|agent-1 1", "job|b 1")
        .hasSize(15);
    assertThat(places(rows(wanted("b", null, null, null), master(), agent())))
        .containsExactly("catalog 1", "job|b 1", "job|b 2");
    assertThat(places(rows(wanted(null, "a#1", null, null), master()))).hasSize(10);
    assertThat(places(rows(wanted(null, null, null, "agent-1"), master(), agent())))
        .startsWith("agent|agent-1 1", "session|main 1", "job|a 3")
        .hasSize(11);
    assertThat(rows(wanted(null, null, null, "agent-2"), master(), agent())).isEmpty();
  }

  @Test
  void aPartOfTheTimeIsShown() {
    Wanted some =
        new Wanted(
            Optional.of("a"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(at(11)),
            Optional.of(at(13)));
    assertThat(places(rows(some, master())))
        .containsExactly("job|a 3", "agent|agent-1 2", "agent|agent-1 3");
  }

  @Test
  void whatIsDamagedIsTold() {
    try (Timeline timeline =
        new Timeline(AuditEvents.reader(), wanted("a", null, null, null), () -> {})) {
      Story damaged = master().fault(new ChainFault("job|a", 3, "it is missing"));
      timeline.forEach(List.of(damaged.journal(0)), row -> {});
      assertThat(timeline.faults())
          .containsExactly("/data/main: persistence id 'job|a': event 3: it is missing");
    }
  }

  private static PastState state(Instant at) {
    PastState state = new PastState(AuditEvents.reader(), at, () -> {});
    state.read(List.of(master().journal(0), agent().journal(1)));
    assertThat(state.faults()).isEmpty();
    return state;
  }

  @Test
  void p5WhatRanWhereAtAPastMomentIsTold() {
    PastState running = state(at(20));
    assertThat(running.runs())
        .extracting(
            PastState.OpenRun::run,
            PastState.OpenRun::execution,
            PastState.OpenRun::agent,
            PastState.OpenRun::state,
            PastState.OpenRun::since)
        .containsExactly(
            tuple("a#1", "a#1.1", "agent-1", "running", at(16)),
            tuple("b#1", "", "", "waiting", at(1)));
    assertThat(running.links())
        .singleElement()
        .satisfies(
            link -> {
              assertThat(link.heard()).contains(at(16));
              assertThat(link.next()).contains(at(30));
              assertThat(link.state())
                  .isEqualTo(
                      "not heard in this epoch; then a reconciliation: it was away before it");
            });
    assertThat(state(at(13)).tasks())
        .singleElement()
        .satisfies(task -> assertThat(task.phase()).isEqualTo("accepted"));
    assertThat(state(at(45)).runs().get(0).isToBeCancelled()).isTrue();
    assertThat(state(at(45)).links().get(0).state()).isEqualTo("heard; then heard again");
    assertThat(state(at(12)).runs().get(0).state()).isEqualTo("queued");
    assertThat(state(at(11)).runs().get(0).state()).isEqualTo("begun");
    assertThat(state(at(60)).runs()).extracting(PastState.OpenRun::run).containsExactly("b#1");
    assertThat(state(at(-100)).links()).isEmpty();
  }

  private static PastState.LinkThen link(Story master, int second) {
    PastState state = new PastState(AuditEvents.reader(), at(second), () -> {});
    state.read(List.of(master.journal(0)));
    assertThat(state.faults()).isEmpty();
    return state.links().get(0);
  }

  @Test
  void p5WhatWasUnreachableAtAPastMomentIsTold() {
    Story master =
        Story.ofMaster()
            .add(
                "agent|agent-1",
                new LinkEvent.Activated(new MasterEpoch(3), Optional.empty(), at(1)),
                reconciliation(3, 5),
                new LinkEvent.Unheard(Optional.of(at(20)), at(30)),
                reconciliation(3, 50),
                new LinkEvent.Unheard(Optional.of(at(60)), at(70)),
                new LinkEvent.Activated(new MasterEpoch(4), Optional.empty(), at(80)),
                new LinkEvent.Unheard(Optional.empty(), at(90)));
    assertThat(link(master, 10))
        .extracting(PastState.LinkThen::unreachableSince, PastState.LinkThen::state)
        .containsExactly(Optional.empty(), "heard; then unreachable");
    assertThat(link(master, 25))
        .extracting(PastState.LinkThen::unreachableSince, PastState.LinkThen::state)
        .containsExactly(Optional.of(at(20)), "unreachable; that was noticed next");
    assertThat(link(master, 40))
        .extracting(
            PastState.LinkThen::unreachableSince,
            PastState.LinkThen::state,
            PastState.LinkThen::heard,
            PastState.LinkThen::next)
        .containsExactly(
            Optional.of(at(20)),
            "unreachable; then heard again",
            Optional.of(at(5)),
            Optional.of(at(50)));
    assertThat(link(master, 55).unreachableSince()).isEmpty();
    assertThat(link(master, 75))
        .extracting(PastState.LinkThen::unreachableSince, PastState.LinkThen::state)
        .containsExactly(Optional.of(at(60)), "unreachable; then a new life of the master");
    assertThat(link(master, 85).state()).isEqualTo("not heard in this epoch; then unreachable");
    assertThat(link(master, 95))
        .extracting(PastState.LinkThen::unreachableSince, PastState.LinkThen::state)
        .containsExactly(Optional.of(at(90)), "unreachable; nothing later is in the journal");
  }

  private static LinkEvent reconciliation(int epoch, int second) {
    return new LinkEvent.Reconciled(
        new MasterEpoch(epoch),
        new JournalId("aj-1"),
        new Incarnation("i-2"),
        List.of(),
        List.of(),
        at(second));
  }
}
