package io.holdfast.search;

import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What may be wrong with jobs and their runs (P1, P2). */
final class JobMutations {
  private static final Bounds ONE = Bounds.CALM.agents(1).executions(1).couplings(1);

  private JobMutations() {}

  static List<Mutation> all() {
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
            "a job gives again what has ended",
            "P1",
            "I3",
            ONE.cancels(1),
            new Rules() {
              private final Map<ExecutionId, JobDirective> given = new ConcurrentHashMap<>();

              @Override
              public List<JobDirective> outstanding(JobState state) {
                List<JobDirective> all = new ArrayList<>(Rules.REAL.outstanding(state));
                all.stream()
                    .filter(JobDirective.Assign.class::isInstance)
                    .forEach(assign -> given.putIfAbsent(assign.execution(), assign));
                state.runs().values().stream()
                    .flatMap(run -> run.executions().stream())
                    .filter(execution -> execution.end().isPresent())
                    .forEach(execution -> all.add(given.get(execution.id())));
                return all;
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
