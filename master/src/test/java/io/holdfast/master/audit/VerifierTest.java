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

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.RunResult;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.wire.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** P5: what breaks a promise is found in the journals, and told with the events that show it. */
class VerifierTest {
  private static final Outcome OK = new Outcome.Exited(0);
  private static final Outcome LOST = new Outcome.Lost("not heard");

  private static Verifier verify(Story... stories) {
    List<Journal> journals = new ArrayList<>();
    for (Story story : stories) {
      journals.add(story.journal(journals.size()));
    }
    Verifier verifier = new Verifier(AuditEvents.reader(), () -> {});
    verifier.verify(journals);
    return verifier;
  }

  private static JobEvent runEnded(String execution, RunResult result, int second) {
    return new JobEvent.RunEnded(id(execution).run(), result, result.word(), at(second));
  }

  private static Story job(Object... events) {
    return Story.ofMaster().add("job|a", defined("a", 0)).add("job|a", events);
  }

  private static Story link(Object... events) {
    return Story.ofMaster()
        .add("agent|agent-1", new LinkEvent.Activated(new MasterEpoch(1), Optional.empty(), at(0)))
        .add("agent|agent-1", events);
  }

  /** A link, and the job {@code a}, which has begun {@code a#1.1} on it. */
  private static Story linkOfA(Object... events) {
    return link(events)
        .add("job|a", defined("a", 0), requested("a#1.1", 0), begun("a#1.1", "agent-1", 1, 0));
  }

  private static LinkEvent assigned(String execution, long token, int second) {
    return new LinkEvent.Assigned(spec(execution, token), true, at(second));
  }

  private static LinkEvent sending(String execution, int request, int second) {
    return new LinkEvent.Sending(List.of(id(execution).request(request)), at(second));
  }

  private static LinkEvent reported(String execution, long number, TaskEvent event) {
    return new LinkEvent.Reported(
        List.of(new Exchange.Report(id(execution), number, event)), event.at());
  }

  private static Story sound() {
    return link(
            assigned("a#1.1", 1, 3),
            sending("a#1.1", 1, 4),
            reported("a#1.1", 1, accepted("a#1.1", 1, 5)),
            reported("a#1.1", 2, started(6)),
            reported("a#1.1", 3, finished(OK, 8)),
            new LinkEvent.Closed(List.of(id("a#1.1")), at(10)))
        .add(
            "job|a",
            defined("a", 0),
            requested("a#1.1", 1),
            begun("a#1.1", "agent-1", 1, 2),
            ended("a#1.1", OK, 9),
            runEnded("a#1.1", RunResult.SUCCEEDED, 9),
            requested("a#2.1", 20));
  }

  private static void assertViolation(
      Verifier verifier, String rule, String what, String... places) {
    assertThat(verifier.findings().violations())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.rule()).isEqualTo(rule);
              assertThat(finding.what()).contains(what);
              assertThat(finding.events()).extracting(Seen::place).containsExactly(places);
            });
    assertThat(verifier.findings().countOfViolations()).isEqualTo(1);
  }

  private static void assertNote(Verifier verifier, String what) {
    assertThat(verifier.findings().violations()).isEmpty();
    assertThat(verifier.findings().notes())
        .singleElement()
        .satisfies(finding -> assertThat(finding.what()).contains(what));
  }

  private static void assertSound(Verifier verifier) {
    assertThat(verifier.findings().violations()).isEmpty();
    assertThat(verifier.findings().notes()).isEmpty();
  }

  @Test
  void whatIsSoundIsCounted() {
    Story agent =
        Story.ofAgent("agent-1")
            .add(
                "task|main|a#1.1",
                accepted("a#1.1", 1, 5),
                started(6),
                finished(OK, 8),
                new TaskEvent.Released(at(10)));
    Verifier verifier = verify(sound(), agent);
    assertSound(verifier);
    Totals totals = verifier.totals();
    assertThat(totals.of("ids")).isEqualTo(3);
    assertThat(totals.of("events")).isEqualTo(17);
    assertThat(totals.of("runs")).isEqualTo(2);
    assertThat(totals.of("runs open")).isEqualTo(1);
    assertThat(totals.of("executions")).isEqualTo(1);
    assertThat(totals.of("tasks")).isEqualTo(1);
    assertThat(totals.outcomes()).containsOnlyKeys("exited 0").containsValue(1L);
  }

  @Test
  void p1OverlappingExecutionsAreNamed() {
    assertViolation(
        verify(
            job(
                requested("a#1.1", 1),
                requested("a#2.1", 1),
                begun("a#1.1", "agent-1", 1, 2),
                begun("a#2.1", "agent-2", 2, 3))),
        "P1",
        "a#2.1 may begin while a#1.1",
        "main job|a 4",
        "main job|a 5");
  }

  @Test
  void p2ASecondOutcomeIsNamed() {
    assertViolation(
        verify(
            job(
                requested("a#1.1", 1),
                begun("a#1.1", "agent-1", 1, 2),
                ended("a#1.1", OK, 3),
                ended("a#1.1", LOST, 4))),
        "P2",
        "a#1.1 has a second outcome: lost",
        "main job|a 4",
        "main job|a 5");
  }

  /** {@link #sound()}, whose job says something else of its first execution. */
  private static Story soundButTheJobSays(Object... events) {
    return link(
            assigned("a#1.1", 1, 3),
            sending("a#1.1", 1, 4),
            reported("a#1.1", 1, accepted("a#1.1", 1, 5)),
            reported("a#1.1", 2, started(6)),
            reported("a#1.1", 3, finished(new Outcome.Exited(3), 8)),
            new LinkEvent.Closed(List.of(id("a#1.1")), at(10)))
        .add("job|a", defined("a", 0), requested("a#1.1", 1))
        .add("job|a", events);
  }

  @Test
  void p2LinkAndJobThatDisagreeAreNamed() {
    assertViolation(
        verify(soundButTheJobSays(begun("a#1.1", "agent-1", 1, 2), ended("a#1.1", OK, 9))),
        "P2",
        "a#1.1 ended as 'exited 0' at its job, and the link of agent-1 has 'exited 3'",
        "main agent|agent-1 6",
        "main job|a 4");
    assertViolation(
        verify(
            soundButTheJobSays(
                begun("a#1.1", "agent-2", 1, 2), ended("a#1.1", new Outcome.Exited(3), 9))),
        "order",
        "a#1.1 is given to the link of agent-1, and its job has begun it on agent-2",
        "main job|a 3",
        "main agent|agent-1 2");
    assertViolation(
        verify(
            link(assigned("a#1.1", 1, 3), sending("a#1.1", 1, 4))
                .add(
                    "job|a",
                    defined("a", 0),
                    requested("a#1.1", 1),
                    begun("a#1.1", "agent-1", 1, 2),
                    ended("a#1.1", OK, 9))),
        "P2",
        "and the link of agent-1 has no outcome",
        "main agent|agent-1 2",
        "main job|a 4");
    assertViolation(
        verify(
            link()
                .add(
                    "job|a",
                    defined("a", 0),
                    requested("a#1.1", 1),
                    begun("a#1.1", "agent-1", 1, 2),
                    ended("a#1.1", OK, 9))),
        "P2",
        "a#1.1 has the outcome 'exited 0', and the link of agent-1 never had it",
        "main job|a 3",
        "main job|a 4");
  }

  @Test
  void p2AClosedExecutionWithoutAnOutcomeOfItsJobIsNamed() {
    assertViolation(
        verify(soundButTheJobSays(begun("a#1.1", "agent-1", 1, 2))),
        "P2",
        "a#1.1 is closed at the link of agent-1 with 'exited 3', and its job has no outcome of it",
        "main job|a 3",
        "main agent|agent-1 6",
        "main agent|agent-1 7");
  }

  @Test
  void anOrderOfAJobThatHasNoJournalIsNamed() {
    assertViolation(
        verify(
            link(
                assigned("a#1.1", 1, 3),
                sending("a#1.1", 1, 4),
                reported("a#1.1", 1, finished(OK, 8)),
                new LinkEvent.Closed(List.of(id("a#1.1")), at(10)),
                assigned("a#2.1", 2, 11),
                assigned("a#3.1", 3, 12))),
        "P2",
        "a#1.1 is at the link of agent-1, and there is no journal of its job; nor for 2 more",
        "main agent|agent-1 2",
        "main agent|agent-1 4",
        "main agent|agent-1 5");
    assertViolation(
        verify(soundButTheJobSays()),
        "P2",
        "a#1.1 is at the link of agent-1, and its job's journal does not have it",
        "main agent|agent-1 2",
        "main agent|agent-1 6",
        "main agent|agent-1 7");
  }

  @Test
  void p2AnOutcomeThatOnlyTheLinkHasHeardAfterTheVerdictIsNamed() {
    Object[] lost = {begun("a#1.1", "agent-1", 1, 2), ended("a#1.1", LOST, 6)};
    Object[] heardLate = {
      assigned("a#1.1", 1, 3),
      sending("a#1.1", 1, 4),
      new LinkEvent.LostDeclared(List.of(id("a#1.1")), "not heard", at(5)),
      reported("a#1.1", 1, finished(OK, 8)),
      new LinkEvent.Closed(List.of(id("a#1.1")), at(10))
    };
    Object[] defined = {defined("a", 0), requested("a#1.1", 1)};
    assertViolation(
        verify(link(heardLate).add("job|a", defined).add("job|a", lost)),
        "P2",
        "a#1.1 was called 'lost: not heard', and that it ended as 'exited 0' is at the link of",
        "main job|a 4",
        "main agent|agent-1 5");
    assertSound(
        verify(
            link(heardLate)
                .add("job|a", defined)
                .add("job|a", lost)
                .add("job|a", new JobEvent.ExecutionAmended(id("a#1.1"), OK, at(9)))));
    assertViolation(
        verify(
            link(heardLate)
                .add("job|a", defined)
                .add("job|a", lost)
                .add(
                    "job|a",
                    new JobEvent.ExecutionAmended(id("a#1.1"), new Outcome.Exited(3), at(9)))),
        "P2",
        "a#1.1 is amended by 'exited 3' at its job, and the link of agent-1 has 'exited 0'",
        "main agent|agent-1 5",
        "main job|a 5");
  }

  @Test
  void whatIsUnderWayBetweenLinkAndJobIsNoDisagreement() {
    assertSound(
        verify(
            link(
                    assigned("a#1.1", 1, 3),
                    sending("a#1.1", 1, 4),
                    reported("a#1.1", 1, finished(OK, 8)))
                .add(
                    "job|a",
                    defined("a", 0),
                    requested("a#1.1", 1),
                    begun("a#1.1", "agent-1", 1, 2))));
    assertSound(
        verify(
            link()
                .add(
                    "job|a",
                    defined("a", 0),
                    requested("a#1.1", 1),
                    begun("a#1.1", "agent-1", 1, 2))));
  }

  @Test
  void whatARepairHasCutOffIsNotComparedAndWhatWasBeforeIt() {
    String cut = "{\"readableTo\":3}";
    Story ofJob =
        soundButTheJobSays(begun("a#1.1", "agent-1", 1, 2))
            .addAt("job|a", 1_000, StoredEvent.CUT, cut);
    assertNote(verify(ofJob), "a repair has cut this journal here");
    Story ofLink =
        link(assigned("a#1.1", 1, 3), sending("a#1.1", 1, 4))
            .addAt("agent|agent-1", 1_000, StoredEvent.CUT, cut)
            .add(
                "job|a",
                defined("a", 0),
                requested("a#1.1", 1),
                begun("a#1.1", "agent-1", 1, 2),
                ended("a#1.1", LOST, 9),
                runEnded("a#1.1", RunResult.LOST, 9),
                requested("a#2.1", 10),
                begun("a#2.1", "agent-1", 2, 11),
                ended("a#2.1", OK, 12));
    assertNote(verify(ofLink), "a repair has cut this journal here");
    Findings findings =
        verify(
                soundButTheJobSays(begun("a#1.1", "agent-1", 1, 2), ended("a#1.1", OK, 9))
                    .addAt("job|a", 1_000, StoredEvent.CUT, cut))
            .findings();
    assertThat(findings.violations())
        .singleElement()
        .satisfies(one -> assertThat(one.what()).contains("a#1.1 ended as 'exited 0' at its job"));
  }

  @Test
  void whatIsNotKnownInOneJournalIsNotComparedWithTheOther() {
    assertNote(
        verify(
            soundButTheJobSays(begun("a#1.1", "agent-1", 1, 2))
                .add("job|a", "job-execution-ended/9", "{}")),
        "event job-execution-ended/9 is not known here");
    assertNote(
        verify(
            link(assigned("a#1.1", 1, 3), sending("a#1.1", 1, 4))
                .add("agent|agent-1", "link-reported/9", "{}")
                .add(
                    "job|a",
                    defined("a", 0),
                    requested("a#1.1", 1),
                    begun("a#1.1", "agent-1", 1, 2),
                    ended("a#1.1", OK, 9))),
        "event link-reported/9 is not known here");
  }

  @Test
  void p2AmendmentsOnlyAddToAVerdictOnce() {
    Object[] lost = {
      requested("a#1.1", 1),
      begun("a#1.1", "agent-1", 1, 2),
      ended("a#1.1", LOST, 3),
      runEnded("a#1.1", RunResult.LOST, 3),
      new JobEvent.ExecutionAmended(id("a#1.1"), OK, at(5))
    };
    assertSound(verify(job(lost)));
    assertViolation(
        verify(job(lost).add("job|a", new JobEvent.ExecutionAmended(id("a#1.1"), OK, at(6)))),
        "P2",
        "amended a second time",
        "main job|a 4",
        "main job|a 7");
    assertViolation(
        verify(
            job(
                requested("a#1.1", 1),
                begun("a#1.1", "agent-1", 1, 2),
                ended("a#1.1", OK, 3),
                new JobEvent.ExecutionAmended(id("a#1.1"), LOST, at(5)))),
        "P2",
        "which is final",
        "main job|a 4",
        "main job|a 5");
  }

  @Test
  void aTokenThatDoesNotGrowIsNamed() {
    assertViolation(
        verify(
            job(
                requested("a#1.1", 1),
                begun("a#1.1", "agent-1", 5, 2),
                ended("a#1.1", OK, 3),
                runEnded("a#1.1", RunResult.SUCCEEDED, 3),
                requested("a#2.1", 4),
                begun("a#2.1", "agent-1", 5, 5))),
        "token",
        "a#2.1 has fencing token 5, which is not above 5",
        "main job|a 3",
        "main job|a 7");
    assertViolation(
        verify(
            link(assigned("a#1.1", 5, 1), assigned("b#1.1", 1, 1), assigned("a#2.1", 4, 2))
                .addAt("job|a", 9, StoredEvent.CUT, "{\"readableTo\":1}")
                .addAt("job|b", 9, StoredEvent.CUT, "{\"readableTo\":1}")),
        "token",
        "a#2.1 has fencing token 4",
        "main agent|agent-1 2",
        "main agent|agent-1 4");
  }

  @Test
  void p2ARunEndsWithItsExecutionsAndAsTheyDid() {
    assertViolation(
        verify(
            job(
                requested("a#1.1", 1),
                begun("a#1.1", "agent-1", 1, 2),
                runEnded("a#1.1", RunResult.CANCELLED, 3))),
        "P2",
        "run a#1 has ended while a#1.1 has no outcome",
        "main job|a 3",
        "main job|a 4");
    assertViolation(
        verify(
            job(
                requested("a#1.1", 1),
                begun("a#1.1", "agent-1", 1, 2),
                ended("a#1.1", new Outcome.Exited(3), 3),
                runEnded("a#1.1", RunResult.SUCCEEDED, 3))),
        "P2",
        "run a#1 ended as succeeded, and its last execution did not succeed",
        "main job|a 4",
        "main job|a 5");
  }

  @Test
  void whatCannotHappenToAJobIsNamed() {
    assertViolation(
        verify(job(requested("a#1.1", 1), requested("a#3.1", 2))),
        "order",
        "a run is missing",
        "main job|a 3");
    assertViolation(verify(job(ended("a#1.1", OK, 1))), "order", "never began", "main job|a 2");
    assertViolation(
        verify(job(requested("a#1.1", 1), begun("a#1.2", "agent-1", 1, 2))),
        "order",
        "a#1.2 is not the next of its run",
        "main job|a 3");
  }

  @Test
  void whatCannotHappenToALinkIsNamed() {
    assertViolation(
        verify(linkOfA(new LinkEvent.Activated(new MasterEpoch(1), Optional.empty(), at(1)))),
        "order",
        "epoch 1 is not above 1",
        "main agent|agent-1 1",
        "main agent|agent-1 2");
    assertViolation(
        verify(linkOfA(sending("a#1.1", 1, 1))),
        "order",
        "a#1.1 is sent, and this link has no such",
        "main agent|agent-1 2");
    assertViolation(
        verify(linkOfA(assigned("a#1.1", 1, 1), sending("a#1.1", 2, 2))),
        "order",
        "is sent with request a#1.1/2 as number 1",
        "main agent|agent-1 2",
        "main agent|agent-1 3");
    assertViolation(
        verify(linkOfA(assigned("a#1.1", 1, 1), new LinkEvent.Closed(List.of(id("a#1.1")), at(2)))),
        "P2",
        "a#1.1 is closed without an outcome",
        "main agent|agent-1 2",
        "main agent|agent-1 3");
    assertViolation(
        verify(
            linkOfA(
                assigned("a#1.1", 1, 1),
                sending("a#1.1", 1, 2),
                reported("a#1.1", 2, started(3)),
                reported("a#1.1", 2, started(4)))),
        "order",
        "event 2 after event 2",
        "main agent|agent-1 4",
        "main agent|agent-1 5");
    assertViolation(
        verify(
            linkOfA(
                assigned("a#1.1", 1, 1),
                sending("a#1.1", 1, 2),
                reported("a#1.1", 2, finished(OK, 3)),
                reported("a#1.1", 3, finished(LOST, 4)))),
        "P2",
        "a second outcome at the link",
        "main agent|agent-1 4",
        "main agent|agent-1 5");
    assertViolation(
        verify(
            linkOfA(
                new LinkEvent.Reconciled(
                    new MasterEpoch(2),
                    new JournalId("aj-1"),
                    new Incarnation("i-1"),
                    List.of(),
                    List.of(),
                    at(1)))),
        "order",
        "a reconciliation in epoch 2, and the link is in epoch 1",
        "main agent|agent-1 2");
  }

  @Test
  void anAlarmIsANote() {
    assertNote(
        verify(
            linkOfA(
                assigned("a#1.1", 1, 1),
                sending("a#1.1", 1, 2),
                new LinkEvent.Reconciled(
                    new MasterEpoch(1),
                    new JournalId("aj-1"),
                    new Incarnation("i-1"),
                    List.of(
                        new ReconcileEntry(
                            id("a#1.1"),
                            "running",
                            "nothing",
                            ReconcileDecision.LOST,
                            "agent has no record",
                            true)),
                    List.of(),
                    at(3)))),
        "an alarm: a#1.1, agent has no record");
  }

  @Test
  void aTransitionOutsideTheTableIsNamed() {
    assertViolation(
        verify(
            Story.ofAgent("agent-1")
                .add("task|main|a#1.1", accepted("a#1.1", 1, 1), finished(OK, 2), started(3))),
        "order",
        "'task-started/1' cannot follow the phase finished",
        "agent-1 task|main|a#1.1 2",
        "agent-1 task|main|a#1.1 3");
    assertViolation(
        verify(
            Story.ofAgent("agent-1")
                .add(
                    "task|main|a#1.1",
                    accepted("a#1.1", 1, 1),
                    finished(OK, 2),
                    finished(LOST, 3))),
        "P2",
        "a#1.1 has a second outcome at agent-1",
        "agent-1 task|main|a#1.1 2",
        "agent-1 task|main|a#1.1 3");
  }

  @Test
  void aBrokenChainIsNamedAndACutIsANote() {
    assertViolation(
        verify(sound().fault(new ChainFault("job|a", 3, "it is missing"))),
        "chain",
        "event 3: it is missing");
    assertNote(
        verify(
            job(requested("a#1.1", 1))
                .addAt("job|a", 1_000, StoredEvent.CUT, "{\"readableTo\":2}")
                .add("job|a", begun("a#7.1", "agent-1", 9, 5))),
        "a repair has cut this journal here");
  }

  @Test
  void whatIsNotKnownIsANoteAndWhatCannotBeReadAViolation() {
    assertNote(
        verify(job().add("job|a", "job-of-tomorrow/1", "{\"x\":1}")),
        "event job-of-tomorrow/1 is not known here");
    assertViolation(
        verify(job().add("job|a", "job-run-requested/1", "{\"run\":17}")),
        "order",
        "event job-run-requested/1 cannot be read",
        "main job|a 2");
  }

  private static Story taskAt(String agent, String execution, int from, Outcome outcome, int to) {
    Story story =
        Story.ofAgent(agent)
            .add("task|main|" + execution, accepted(execution, 1, from), started(from));
    return outcome == null ? story : story.add("task|main|" + execution, finished(outcome, to));
  }

  @Test
  void p2AnOutcomeThatTheAgentHadAndTheMasterHasOtherwiseIsNamed() {
    Story master =
        job(requested("a#1.1", 1), begun("a#1.1", "agent-1", 1, 2), ended("a#1.1", OK, 9));
    assertViolation(
        verify(master, taskAt("agent-1", "a#1.1", 3, new Outcome.Exited(3), 8)),
        "P2",
        "a#1.1 ended as 'exited 3' at agent-1, and the master has 'exited 0'",
        "agent-1 task|main|a#1.1 3",
        "main job|a 4");
  }

  @Test
  void p2WhatWasCalledLostIsAmendedBeforeTheAgentForgetsIt() {
    Object[] lost = {
      requested("a#1.1", 1), begun("a#1.1", "agent-1", 1, 2), ended("a#1.1", LOST, 9)
    };
    Story agent = taskAt("agent-1", "a#1.1", 3, OK, 8);
    assertNote(verify(job(lost), agent), "which the master has not heard yet");
    assertSound(
        verify(
            job(lost).add("job|a", new JobEvent.ExecutionAmended(id("a#1.1"), OK, at(20))), agent));
    assertViolation(
        verify(
            job(lost)
                .add(
                    "job|a",
                    new JobEvent.ExecutionAmended(
                        id("a#1.1"), new Outcome.Stopped(StopReason.CANCELLED), at(20))),
            agent),
        "P2",
        "ended as 'exited 0' at agent-1, and the master has 'stopped: cancelled'",
        "agent-1 task|main|a#1.1 3",
        "main job|a 5");
    assertViolation(
        verify(job(lost), agent.add("task|main|a#1.1", new TaskEvent.Released(at(30)))),
        "P2",
        "ended as 'exited 0' at agent-1, and the master has 'lost: not heard' without",
        "agent-1 task|main|a#1.1 3",
        "main job|a 4");
  }

  @Test
  void aTokenThatDiffersAndATaskThatTheMasterLostAreNamed() {
    assertViolation(
        verify(
            job(requested("a#1.1", 1), begun("a#1.1", "agent-1", 2, 2)),
            taskAt("agent-1", "a#1.1", 3, null, 0)),
        "token",
        "fencing token 2 at the master and 1 at agent-1",
        "main job|a 3",
        "agent-1 task|main|a#1.1 1");
    assertNote(
        verify(job(), taskAt("agent-1", "a#1.1", 3, OK, 8)),
        "a#1.1 is at agent-1, and the job's journal of master main does not have it");
    assertSound(verify(taskAt("agent-1", "a#1.1", 3, OK, 8)));
  }

  @Test
  void p1ProcessesThatOverlapByOneClockAreNamedAndByTwoAreANote() {
    Story both =
        taskAt("agent-1", "a#1.1", 1, OK, 10)
            .add("task|main|a#2.1", accepted("a#2.1", 2, 5), started(6), finished(OK, 7));
    assertViolation(
        verify(both),
        "P1",
        "a#2.1 had started at agent-1 before a#1.1 had ended at agent-1, by one clock",
        "agent-1 task|main|a#1.1 2",
        "agent-1 task|main|a#2.1 2",
        "agent-1 task|main|a#1.1 3");
    assertNote(
        verify(taskAt("agent-1", "a#1.1", 1, OK, 10), taskAt("agent-2", "a#2.1", 6, null, 0)),
        "by the clocks of two machines");
    assertSound(
        verify(
            taskAt("agent-1", "a#1.1", 1, OK, 10)
                .add("task|main|a#2.1", accepted("a#2.1", 2, 10), started(10))
                .add("task|other|a#3.1", accepted("a#3.1", 3, 2), started(3))));
  }

  @Test
  void moreThanAThousandViolationsAreCounted() {
    Story story = job();
    for (int i = 0; i < Findings.MOST + 5; i++) {
      story.add("job|a", ended("a#1.1", OK, i));
    }
    Findings findings = verify(story).findings();
    assertThat(findings.countOfViolations()).isEqualTo(Findings.MOST + 5);
    assertThat(findings.violations()).hasSize(Findings.MOST);
  }

  @Test
  void tasksBeyondTheBoundAreNotComparedAndThatIsTold() {
    Findings findings = new Findings();
    Across across = new Across(findings, 1);
    Origin origin = new Origin(0, "/a", Optional.empty());
    for (String task : List.of("a#1.1", "a#2.1", "a#3.1")) {
      across.task(new TaskFact(origin, "main", id(task)));
    }
    across.conclude();
    assertThat(findings.notes())
        .singleElement()
        .satisfies(
            note ->
                assertThat(note.what()).isEqualTo("2 tasks beyond the first 1 were not compared"));
  }
}
