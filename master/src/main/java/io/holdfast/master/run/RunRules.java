package io.holdfast.master.run;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a job decides (R6): when an execution may begin, and what its outcome means for its run. The
 * place that holds P1 at the master: no execution begins while another of the job has no outcome.
 * Pure.
 */
public final class RunRules {
  /** Runs of one job that wait or run; a further request is refused. */
  public static final int MOST_OPEN_RUNS = 1000;

  /** Executions of one run; a run that was lost this often fails. */
  public static final int MOST_ATTEMPTS = 10;

  private RunRules() {}

  /** Why a run cannot be requested now, if so. */
  public static Optional<String> refuseRun(JobState state) {
    if (state.cut().isPresent()) {
      return CutRules.refuseRun(state);
    }
    int open = state.open().size();
    return open >= MOST_OPEN_RUNS
        ? Optional.of("the job has " + open + " runs that have not ended; try again later")
        : Optional.empty();
  }

  /**
   * What {@code command} leads to.
   *
   * @param now the master's wall clock, for the events' time stamps alone
   */
  public static Decision<JobEvent, JobDirective> decide(
      JobState state, JobCommand command, Fleet fleet, Instant now) {
    Draft draft = new Draft(state, now);
    if (command instanceof JobCommand.Define define) {
      if (!state.definition().equals(Optional.of(define.definition()))) {
        draft.add(new JobEvent.Defined(define.definition(), now));
      }
    } else if (command instanceof JobCommand.DefineUnlessKnown define) {
      if (state.definition().isEmpty()) {
        draft.add(new JobEvent.Defined(define.definition(), now));
      }
    } else if (command instanceof JobCommand.RequestRun request) {
      if (refuseRun(state).isEmpty() && repeated(state, request.requestId()).isEmpty()) {
        RunId run = new RunId(jobOf(state), state.newestRun() + 1);
        draft.add(
            new JobEvent.RunRequested(
                run, request.parameters(), request.requestId(), request.by(), now));
      }
    } else if (command instanceof JobCommand.Cancel cancel) {
      cancel(draft, cancel);
    } else if (command instanceof JobCommand.End end) {
      end(draft, end);
    } else if (command instanceof JobCommand.Amend amend) {
      amend(draft, amend);
    } else if (command instanceof JobCommand.Adopt adopt) {
      adopt(draft, adopt);
    } else if (command instanceof JobCommand.LinkAnswered answer) {
      CutRules.answered(draft, answer);
    } else if (command instanceof JobCommand.FoundAlive found) {
      CutRules.foundAlive(draft, found);
    } else if (command instanceof JobCommand.RaiseNumbering raise) {
      boolean news =
          raise.run() > state.newestRun() || raise.token().compareTo(state.newestToken()) > 0;
      if (news) {
        draft.add(new JobEvent.NumberingRaised(raise.run(), raise.token(), now));
      }
    } else if (!(command instanceof JobCommand.Proceed)) {
      throw new IllegalArgumentException("no rule for " + command);
    }
    proceed(draft, fleet);
    return draft.decision();
  }

  /** The run that an earlier request with this id led to. */
  public static Optional<RunRecord> repeated(JobState state, Optional<String> requestId) {
    return requestId.flatMap(
        id ->
            state.runs().values().stream()
                .filter(run -> run.requestId().equals(Optional.of(id)))
                .findFirst());
  }

  private static void cancel(Draft draft, JobCommand.Cancel cancel) {
    Optional<RunRecord> run = draft.state.run(cancel.run()).filter(RunRecord::isOpen);
    if (run.isEmpty() || run.get().cancel().isPresent()) {
      return;
    }
    draft.add(new JobEvent.CancelRequested(cancel.run(), cancel.reason(), cancel.by(), draft.now));
    Optional<ExecutionRecord> open = run.get().openExecution();
    if (open.isPresent()) {
      draft.add(new JobDirective.Stop(open.get().agent(), open.get().id()));
    } else {
      draft.end(cancel.run(), RunResult.CANCELLED, "cancelled before it began");
    }
  }

  static void end(Draft draft, JobCommand.End end) {
    Optional<ExecutionRecord> execution =
        draft.state.execution(end.execution()).filter(ExecutionRecord::isOpen);
    if (execution.isEmpty()) {
      late(draft, end);
      return;
    }
    draft.add(
        new JobEvent.ExecutionEnded(
            end.execution(), end.outcome(), end.startedAt(), end.endedAt(), draft.now));
    RunRecord run = draft.state.run(end.execution().run()).orElseThrow();
    if (run.isOpen() && run.openExecution().isEmpty()) {
      conclude(draft, run, end.outcome());
    }
  }

  /** A link that has lost its verdict tells how it ended: the verdict stays, this is added. */
  private static void late(Draft draft, JobCommand.End end) {
    boolean isNews =
        !(end.outcome() instanceof Outcome.Lost)
            && draft
                .state
                .execution(end.execution())
                .filter(ExecutionRecord::mayBeAmended)
                .flatMap(ExecutionRecord::end)
                .filter(verdict -> !verdict.outcome().equals(end.outcome()))
                .isPresent();
    if (isNews) {
      draft.add(new JobEvent.ExecutionAmended(end.execution(), end.outcome(), draft.now));
    }
  }

  private static void amend(Draft draft, JobCommand.Amend amend) {
    end(draft, amend.verdict());
    boolean news =
        draft.state.execution(amend.execution()).filter(ExecutionRecord::mayBeAmended).isPresent();
    if (news) {
      draft.add(new JobEvent.ExecutionAmended(amend.execution(), amend.late(), draft.now));
    }
  }

  /** P2: what an agent ran and this journal has lost is in the history again. */
  static void adopt(Draft draft, JobCommand.Adopt adopt) {
    Optional<ExecutionRecord> known = draft.state.execution(adopt.execution());
    if (known.filter(e -> !e.agent().equals(adopt.agent())).isPresent()) {
      // The id was used again for another agent: its outcome is not this one.
      return;
    }
    if (known.filter(e -> !e.isOpen()).isPresent() && adopt.then().isEmpty()) {
      // The link has lost that it was given up.
      draft.add(new JobDirective.Stop(adopt.agent(), adopt.execution()));
      return;
    }
    if (known.isEmpty()) {
      draft.add(
          new JobEvent.RunAdopted(
              adopt.execution(), adopt.agent(), adopt.token(), adopt.startedAt(), draft.now));
    }
    if (adopt.then().isPresent() && adopt.then().get() instanceof JobCommand.Amend late) {
      amend(draft, late);
    } else if (adopt.then().isPresent() && adopt.then().get() instanceof JobCommand.End end) {
      end(draft, end);
    }
  }

  private static void conclude(Draft draft, RunRecord run, Outcome outcome) {
    boolean cancelled = run.cancel().isPresent();
    if (outcome.isSuccess()) {
      draft.end(run.id(), RunResult.SUCCEEDED, outcome.words());
    } else if (isLostToTheLink(outcome) && !cancelled && maySayRerun(draft.state, run)) {
      return;
    } else if (outcome instanceof Outcome.Lost) {
      draft.end(run.id(), RunResult.LOST, outcome.words());
    } else if (cancelled && endedByCancel(outcome)) {
      draft.end(run.id(), RunResult.CANCELLED, outcome.words());
    } else {
      draft.end(run.id(), RunResult.FAILED, outcome.words());
    }
  }

  private static boolean endedByCancel(Outcome outcome) {
    return outcome instanceof Outcome.Stopped || outcome instanceof Outcome.NeverStarted;
  }

  /** Ended, provably, for no other reason than that the link was cut for too long. */
  private static boolean isLostToTheLink(Outcome outcome) {
    return outcome instanceof Outcome.Lost
        || outcome.equals(new Outcome.Stopped(StopReason.LEASE_OVER));
  }

  private static boolean maySayRerun(JobState state, RunRecord run) {
    return state.definition().filter(job -> job.onLost() == OnLost.RERUN).isPresent()
        // With what parameters an adopted one was asked for is not known.
        && run.executions().stream().noneMatch(ExecutionRecord::adopted)
        && run.executions().size() < MOST_ATTEMPTS;
  }

  /** P1: begins what waits only while nothing of the job can be alive. */
  private static void proceed(Draft draft, Fleet fleet) {
    if (!CutRules.maySettle(draft, fleet) || draft.state.definition().isEmpty()) {
      return;
    }
    if (draft.state.runs().values().stream().anyMatch(r -> r.openExecution().isPresent())) {
      return;
    }
    for (RunRecord run : draft.state.open()) {
      if (!begin(draft, run, fleet)) {
        return;
      }
    }
  }

  private static boolean begin(Draft draft, RunRecord run, Fleet fleet) {
    JobDefinition job = draft.state.definition().orElseThrow();
    Optional<AgentId> agent;
    if (job.target() instanceof Target.OneAgent one) {
      agent = Optional.of(new AgentId(one.agent()));
      if (!fleet.has(agent.get())) {
        draft.end(
            run.id(),
            RunResult.FAILED,
            "agent '" + one.agent() + "' is no longer in the master's configuration");
        return true;
      }
    } else {
      agent =
          fleet.choose(
              ((Target.Group) job.target()).group(), run.last().map(ExecutionRecord::agent));
    }
    if (agent.isEmpty()) {
      return false;
    }
    FencingToken token = draft.state.newestToken().next();
    var begun =
        new JobEvent.ExecutionBegun(
            run.id().execution(run.last().map(e -> e.id().attempt() + 1).orElse(1)),
            agent.get(),
            token,
            draft.now);
    draft.add(begun);
    draft.add(assign(job, run, draft.state.execution(begun.execution()).orElseThrow()));
    return false;
  }

  private static JobDirective.Assign assign(
      JobDefinition job, RunRecord run, ExecutionRecord execution) {
    boolean keep = job.onConnectionLoss() == ConnectionLossPolicy.KEEP;
    return new JobDirective.Assign(
        execution.agent(),
        new TaskSpec(
            execution.id(),
            execution.token(),
            job.run(),
            run.parameters(),
            job.timeout(),
            job.killGrace(),
            job.onConnectionLoss()),
        !keep && job.onLost() != OnLost.WAIT,
        false);
  }

  /** What still has to reach the links, after a recovery or when no answer came. */
  public static List<JobDirective> outstanding(JobState state) {
    List<JobDirective> directives = new ArrayList<>();
    for (RunRecord run : state.open()) {
      run.openExecution()
          .ifPresent(
              execution -> {
                // While a part of the journal is lost, a link may have ended it already.
                if (!execution.adopted() && state.cut().isEmpty()) {
                  directives.add(assign(state.definition().orElseThrow(), run, execution));
                }
                if (run.cancel().isPresent()) {
                  directives.add(new JobDirective.Stop(execution.agent(), execution.id()));
                }
              });
    }
    return directives;
  }

  /** Whether something waits for an agent of its group to connect. */
  public static boolean waitsForAgent(JobState state) {
    List<RunRecord> open = List.copyOf(state.open());
    return !open.isEmpty() && open.stream().allMatch(run -> run.openExecution().isEmpty());
  }

  /**
   * The agents whose links have to tell what they hold: before anything begins after a cut, and
   * while something that was adopted has no end.
   */
  public static List<AgentId> toAsk(JobState state, Fleet fleet) {
    return state.cut().isPresent() ? CutRules.unheard(state, fleet) : CutRules.adoptedAt(state);
  }

  /**
   * Whether the end of this execution is to be told again later: that it is not known here may be
   * because a part of the journal is lost, and its link has not told yet what it holds.
   */
  public static boolean isTooEarly(JobState state, ExecutionId execution) {
    return state.cut().isPresent() && state.execution(execution).isEmpty();
  }

  /**
   * Whether a link that was heard with this has told all that it knows of the execution. What lives
   * is told again until it has ended: an answer that is late must not count for its outcome (P2).
   */
  public static boolean isTaken(JobCommand fact) {
    if (fact instanceof JobCommand.Adopt adopt) {
      return adopt.then().isPresent();
    }
    return !(fact instanceof JobCommand.FoundAlive);
  }

  private static JobName jobOf(JobState state) {
    return new JobName(state.definition().orElseThrow().name());
  }

  /** Events as they are decided, with the state that they lead to. */
  static final class Draft {
    private final List<JobEvent> events = new ArrayList<>();
    private final List<JobDirective> directives = new ArrayList<>();
    private final Instant now;
    private JobState state;

    Draft(JobState state, Instant now) {
      this.state = state;
      this.now = now;
    }

    JobState state() {
      return state;
    }

    Instant now() {
      return now;
    }

    void add(JobDirective directive) {
      directives.add(directive);
    }

    void add(JobEvent event) {
      events.add(event);
      state = state.evolve(event);
    }

    void end(RunId run, RunResult result, String message) {
      add(new JobEvent.RunEnded(run, result, message, now));
    }

    Decision<JobEvent, JobDirective> decision() {
      return new Decision<>(events, directives);
    }
  }
}
