package io.holdfast.search;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.SessionMemory;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What may be wrong with reconciliation and links (P2, R3, R5, R6, R14). */
final class LinkMutations {
  private static final Bounds ONE = Bounds.CALM.agents(1).executions(1).couplings(1);
  private static final Bounds AGAIN = ONE.couplings(2);

  private LinkMutations() {}

  /** A rule that comes to another decision in a reconciliation. */
  private interface Reconcile extends Rules {
    ReconcileDecision instead(ReconcileEntry entry);

    @Override
    default Decision<LinkEvent, MasterCommand> coupled(
        LinkState state, Couple.Response agent, JournalId masterJournal) {
      var real = Rules.REAL.coupled(state, agent, masterJournal);
      var report = (LinkEvent.Reconciled) real.events().get(0);
      List<MasterCommand> commands = new ArrayList<>(real.directives());
      List<LinkEvent> events = new ArrayList<>();
      List<ReconcileEntry> entries = new ArrayList<>();
      for (ReconcileEntry e : report.entries()) {
        ReconcileDecision decision = instead(e);
        entries.add(
            new ReconcileEntry(
                e.execution(), e.before(), e.agentSays(), decision, e.reason(), e.alarm()));
        if (decision == ReconcileDecision.RESEND && e.decision() != decision) {
          var execution = state.execution(e.execution()).orElseThrow();
          var request = e.execution().request(execution.requests().size() + 1);
          events.add(new LinkEvent.Sending(List.of(request), Ticks.STAMP));
          commands.add(
              new MasterCommand.Start(execution.spec().orElseThrow(), request, Optional.empty()));
        }
      }
      events.add(
          0,
          new LinkEvent.Reconciled(
              report.epoch(),
              report.agentJournal(),
              report.incarnation(),
              entries,
              report.items(),
              report.at()));
      events.addAll(real.events().subList(1, real.events().size()));
      return new Decision<>(events, commands);
    }
  }

  static List<Mutation> all() {
    return List.of(
        new Mutation(
            "a new data directory is believed: what ran on the old is lost at once",
            "R3",
            "I3",
            AGAIN.wipes(1),
            (Reconcile)
                e ->
                    e.decision() == ReconcileDecision.WAIT ? ReconcileDecision.LOST : e.decision()),
        new Mutation(
            "a new data directory is sent again what the old one has",
            "R3",
            "I1",
            AGAIN.wipes(1).sendings(2),
            (Reconcile)
                e ->
                    e.decision() == ReconcileDecision.WAIT
                        ? ReconcileDecision.RESEND
                        : e.decision()),
        new Mutation(
            "what runs is called lost by a reconciliation",
            "R3",
            "I3",
            AGAIN,
            (Reconcile)
                e ->
                    e.decision() == ReconcileDecision.RESUME
                        ? ReconcileDecision.LOST
                        : e.decision()),
        new Mutation(
            "a link takes again what it has given up or has ended",
            "R5",
            "I7",
            ONE,
            new Rules() {
              @Override
              public List<LinkEvent> assign(LinkState state, JobDirective.Assign assign) {
                boolean open =
                    state
                        .execution(assign.execution())
                        .filter(e -> e.phase().mayBeAlive())
                        .isPresent();
                return Rules.REAL.assign(open ? state : LinkState.EMPTY, assign);
              }
            }),
        new Mutation(
            "what is to be stopped counts as stopped",
            "R3",
            "I3",
            ONE.cancels(1),
            new Rules() {
              @Override
              public List<LinkEvent> stop(LinkState state, ExecutionId id) {
                return Rules.REAL.stop(state, id).isEmpty()
                    ? List.of()
                    : List.of(new LinkEvent.LostDeclared(List.of(id), "cancelled", Ticks.STAMP));
              }
            }),
        new Mutation(
            "sent before it is journalled that it may leave",
            "R14",
            "I3",
            ONE.cancels(1),
            new Rules() {
              @Override
              public boolean journalsBeforeSending() {
                return false;
              }
            }),
        new Mutation(
            "the agent may forget an outcome that the job does not have",
            "R14",
            "I5",
            ONE,
            new Rules() {
              @Override
              public Decision<LinkEvent, MasterCommand> dispatch(
                  LinkState state, SessionMemory memory) {
                state.executions().keySet().forEach(memory::jobTook);
                return Rules.REAL.dispatch(state, memory);
              }
            }),
        new Mutation(
            "what the job took of the verdict counts for what was added to it",
            "R14",
            "I5",
            AGAIN,
            new Rules() {
              @Override
              public boolean jobTookTheNewest() {
                return false;
              }
            }),
        new Mutation(
            "a late outcome replaces the verdict",
            "P2",
            "I7",
            AGAIN,
            new Rules() {
              @Override
              public JobState evolve(JobState state, JobEvent event) {
                return event instanceof JobEvent.ExecutionAmended late
                    ? state.evolve(
                        new JobEvent.ExecutionEnded(
                            late.execution(),
                            late.outcome(),
                            Optional.empty(),
                            Optional.empty(),
                            Ticks.STAMP))
                    : state.evolve(event);
              }
            }),
        new Mutation(
            "a 'keep' task is called lost by time",
            "R6",
            "I3",
            ONE.keep(true),
            new Rules() {
              @Override
              public List<LinkEvent> leaseOver(LinkState state, Optional<Set<ExecutionId>> only) {
                List<ExecutionId> lost =
                    state.executions().values().stream()
                        .filter(e -> e.phase().mayBeAlive())
                        .map(e -> e.id())
                        .filter(id -> only.isEmpty() || only.get().contains(id))
                        .collect(Collectors.toList());
                return lost.isEmpty()
                    ? List.of()
                    : List.of(new LinkEvent.LostDeclared(lost, "not heard", Ticks.STAMP));
              }
            }),
        new Mutation(
            "reports that are here already are taken again",
            "R5",
            "I9",
            ONE,
            new Rules() {
              @Override
              public List<LinkEvent> responded(
                  LinkState state,
                  java.util.Collection<io.holdfast.protocol.wire.Exchange.Report> reports,
                  java.util.Collection<ExecutionId> released) {
                List<LinkEvent> events =
                    new ArrayList<>(Rules.REAL.responded(state, List.of(), released));
                if (!reports.isEmpty()) {
                  events.add(new LinkEvent.Reported(List.copyOf(reports), Ticks.STAMP));
                }
                return events;
              }
            }));
  }
}
