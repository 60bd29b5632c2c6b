package io.holdfast.search;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.SessionMemory;
import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What may be wrong with tasks, reconciliation and jobs (R3, R5, R7-R9, R11, R14). */
final class TaskMutations {
  private static final Bounds ONE = Bounds.CALM.agents(1).executions(1).couplings(1);
  private static final Bounds AGAIN = ONE.couplings(2);

  private TaskMutations() {}

  /** A rule that answers one task command differently. */
  private interface Task extends Rules {
    Optional<Decision<TaskEvent, TaskDirective>> instead(TaskState state, TaskCommand command);

    @Override
    default Decision<TaskEvent, TaskDirective> task(TaskState state, TaskCommand command) {
      return instead(state, command).orElseGet(() -> Rules.REAL.task(state, command));
    }
  }

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
    List<Mutation> all = new ArrayList<>();
    all.addAll(processes());
    all.addAll(tasks());
    all.addAll(links());
    all.addAll(jobs());
    return List.copyOf(all);
  }

  private static List<Mutation> processes() {
    return List.of(
        new Mutation(
            "the wrapper begins without the claim",
            "R9",
            "I3",
            ONE.restarts(1),
            new Rules() {
              @Override
              public boolean wrapperNeedsClaim() {
                return false;
              }
            }),
        new Mutation(
            "who recovers does not take the claim",
            "R9",
            "I3",
            AGAIN.restarts(1),
            new Rules() {
              @Override
              public boolean adoptionClaims() {
                return false;
              }
            }),
        new Mutation(
            "the child looks before it publishes its group",
            "R9",
            "I3",
            ONE.cancels(1),
            new Rules() {
              @Override
              public boolean childPublishesFirst() {
                return false;
              }
            }),
        new Mutation(
            "the child does not look for 'killed'",
            "R9",
            "I3",
            AGAIN,
            new Rules() {
              @Override
              public boolean childLooksForKilled() {
                return false;
              }
            }),
        new Mutation(
            "the child does not look at the deadline",
            "R2",
            "I3",
            ONE,
            new Rules() {
              @Override
              public boolean childChecksDeadline() {
                return false;
              }
            }),
        new Mutation(
            "stopped is said before the tree is gone",
            "R11",
            "I3",
            ONE.cancels(1),
            new Rules() {
              @Override
              public boolean stopWaitsForTheTree() {
                return false;
              }
            }),
        new Mutation(
            "forked before the order is journalled",
            "R8",
            "I3",
            AGAIN.restarts(1).cancels(1),
            new Rules() {
              @Override
              public boolean acceptedBeforeFork() {
                return false;
              }
            }));
  }

  private static List<Mutation> tasks() {
    return List.of(
        new Mutation(
            "a restart forgets what runs",
            "R8",
            "I3",
            AGAIN.restarts(1),
            new Rules() {
              @Override
              public TaskState taskAfterRestart(TaskState state) {
                return state.phase().mayBeAlive() ? TaskState.UNKNOWN : state;
              }
            }),
        new Mutation(
            "a start that comes again launches again",
            "R5",
            "I9",
            ONE,
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.Start start
                            && state.phase() == TaskPhase.ACCEPTED
                        ? Optional.of(
                            new Decision<>(
                                List.of(), List.of(new TaskDirective.Launch(start.spec()))))
                        : Optional.empty()),
        new Mutation(
            "what has finished is launched again",
            "R5",
            "I2",
            ONE,
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.Start start
                            && state.phase() == TaskPhase.FINISHED
                        ? Optional.of(
                            new Decision<>(
                                List.of(), List.of(new TaskDirective.Launch(start.spec()))))
                        : Optional.empty()),
        new Mutation(
            "the tombstone is not journalled",
            "R7",
            "I3",
            AGAIN.cancels(1),
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.GiveUp
                        ? Optional.of(Decision.none())
                        : Optional.empty()),
        new Mutation(
            "a tombstone lets a start in",
            "R7",
            "I3",
            AGAIN.cancels(1),
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.Start start
                            && state.phase() == TaskPhase.TOMBSTONED
                        ? Optional.of(
                            new Decision<>(
                                List.of(), List.of(new TaskDirective.Launch(start.spec()))))
                        : Optional.empty()),
        new Mutation(
            "a stop at the end of the lease is ignored",
            "R2",
            "I3",
            ONE,
            (Task)
                (state, command) ->
                    command.equals(new TaskCommand.Stop(StopReason.LEASE_OVER))
                        ? Optional.of(Decision.none())
                        : Optional.empty()),
        new Mutation(
            "a stop that comes again is begun again",
            "R5",
            "I9",
            ONE.cancels(1),
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.Stop stop && state.phase() == TaskPhase.STOPPING
                        ? Optional.of(
                            new Decision<>(
                                List.of(new TaskEvent.StopBegun(stop.reason(), Ticks.STAMP)),
                                List.of()))
                        : Optional.empty()),
        new Mutation(
            "how it ended is guessed to be well",
            "P2",
            "I7",
            ONE,
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.ProcessEnded end
                            && !end.outcome().isSuccess()
                            && state.phase().mayBeAlive()
                        ? Optional.of(
                            Rules.REAL.task(
                                state,
                                new TaskCommand.ProcessEnded(
                                    new Outcome.Exited(0), 0, 0, Optional.empty())))
                        : Optional.empty()));
  }

  private static List<Mutation> links() {
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

  private static List<Mutation> jobs() {
    return List.of(
        new Mutation(
            "an execution begins while another has no outcome",
            "P1",
            "I1",
            Bounds.CALM.couplings(2).exchanges(2),
            new Rules() {
              @Override
              public Decision<JobEvent, JobDirective> job(
                  JobState state, JobCommand command, Fleet fleet) {
                Decision<JobEvent, JobDirective> real = Rules.REAL.job(state, command, fleet);
                boolean waits =
                    command instanceof JobCommand.Proceed
                        && real.events().isEmpty()
                        && state.runs().size() == 2
                        && state.runs().get(2L).executions().isEmpty();
                if (!waits) {
                  return real;
                }
                return Rules.REAL.job(
                    new JobState(
                        state.definition(),
                        state.runs().tailMap(2L),
                        state.newestRun(),
                        state.newestToken()),
                    command,
                    fleet);
              }
            }),
        new Mutation(
            "what is lost is called a success",
            "P2",
            "I7",
            ONE,
            new Rules() {
              @Override
              public Decision<JobEvent, JobDirective> job(
                  JobState state, JobCommand command, Fleet fleet) {
                return command instanceof JobCommand.End end
                        && end.outcome() instanceof Outcome.Lost
                    ? Rules.REAL.job(
                        state,
                        new JobCommand.End(
                            end.execution(), new Outcome.Exited(0), end.startedAt(), end.endedAt()),
                        fleet)
                    : Rules.REAL.job(state, command, fleet);
              }
            }),
        new Mutation(
            "a run that was cancelled in time is called a success",
            "P2",
            "I7",
            ONE.cancels(1),
            new Rules() {
              @Override
              public JobState evolve(JobState state, JobEvent event) {
                return event instanceof JobEvent.RunEnded ended
                    ? state.evolve(
                        new JobEvent.RunEnded(ended.run(), RunResult.SUCCEEDED, "", Ticks.STAMP))
                    : state.evolve(event);
              }
            }));
  }
}
