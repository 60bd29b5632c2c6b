package io.holdfast.master.run;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.Outcome;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a job decides of which a part of the journal is lost. It asks every link, and begins nothing
 * before each has answered: what a link holds is taken into the history again, and what the job
 * took for running and no link holds is over. A run that waited may have been begun since, and ends
 * as lost. Pure; part of {@link RunRules}.
 */
final class CutRules {
  /** More runs and executions than one job can have had between two repairs. */
  private static final long MARGIN = 1L << 30;

  /**
   * From where run numbers, and tokens, go on after a cut: above each that was ever given, known or
   * not. What links and agents have seen does not tell enough: an agent whose disk was replaced, or
   * who is vouched for, has seen others, and runs that had not begun had numbers that only the job
   * knew. The number of the cut does: each given number was an event, a repair leaves {@code 2⁴⁰}
   * free above those that it knows of, and so the {@code 1024}th part of it grows by at least the
   * margin from one cut to the next, whatever of the former cuts is lost. Adding up what was
   * skipped would not do: a later cut may lose a sum that is larger than what it skips itself.
   *
   * @param newest the newest that is readable
   * @param cut the number of the event that stands for the lost part
   */
  static long above(long newest, long cut) {
    return Math.max(Math.addExact(newest, MARGIN), cut >> 10);
  }

  private static final Outcome NOT_HELD =
      new Outcome.Lost(
          "a part of its job's journal is lost, and its agent's link does not hold it any more");

  private static final String MAY_HAVE_BEGUN =
      "lost: it was asked for before a part of its job's journal was lost, and whether it was begun"
          + " is not known";

  private CutRules() {}

  /** Why no run can be asked for now, if so. */
  static Optional<String> refuseRun(JobState state) {
    return state
        .cut()
        .map(
            cut ->
                "a part of the job's journal is lost; it goes on when each agent was heard, or"
                    + " 'holdfast confirm-lost' vouches for it. Heard so far: "
                    + (cut.answered().isEmpty()
                        ? "none"
                        : String.join(", ", cut.answered().stream().map(AgentId::value).toList())));
  }

  /** The agents whose links have not answered since the cut. */
  static List<AgentId> unheard(JobState state, Fleet fleet) {
    return state
        .cut()
        .map(
            cut ->
                fleet.agents().stream()
                    .map(Fleet.Member::id)
                    .filter(agent -> !cut.answered().contains(agent))
                    .toList())
        .orElse(List.of());
  }

  /**
   * The agents whose links have what this job has adopted, and it waits for. Nobody gives it to a
   * link again that has lost it: the link has to be asked whether it holds it.
   */
  static List<AgentId> adoptedAt(JobState state) {
    return state.open().stream()
        .flatMap(run -> run.executions().stream())
        .filter(execution -> execution.isOpen() && execution.adopted())
        .map(ExecutionRecord::agent)
        .distinct()
        .toList();
  }

  /** A link tells what it holds. */
  static void answered(RunRules.Draft draft, JobCommand.LinkAnswered answer) {
    if (draft.state().cut().isEmpty()) {
      Outcome lost = new Outcome.Lost("its agent's link, whose journal was damaged, has lost it");
      endWhatIsNotHeld(draft, answer, ExecutionRecord::adopted, lost);
      return;
    }
    if (draft.state().cut().get().answered().contains(answer.agent())) {
      return;
    }
    answer.held().forEach(one -> RunRules.adopt(draft, one));
    endWhatIsNotHeld(draft, answer, open -> true, NOT_HELD);
    if (answer.run() > draft.state().newestRun()
        || answer.token().compareTo(draft.state().newestToken()) > 0) {
      draft.add(new JobEvent.NumberingRaised(answer.run(), answer.token(), draft.now()));
    }
    draft.add(new JobEvent.LinkHeard(answer.agent(), draft.now()));
  }

  private static void endWhatIsNotHeld(
      RunRules.Draft draft,
      JobCommand.LinkAnswered answer,
      Predicate<ExecutionRecord> concerned,
      Outcome outcome) {
    Set<ExecutionId> held = new HashSet<>();
    answer.held().forEach(one -> held.add(one.execution()));
    for (RunRecord run : List.copyOf(draft.state().runs().values())) {
      // Each of them: a newer try, held elsewhere, says nothing of an older one.
      for (ExecutionRecord open : run.executions()) {
        if (open.isOpen()
            && open.agent().equals(answer.agent())
            && concerned.test(open)
            && !held.contains(open.id())) {
          RunRules.end(
              draft, new JobCommand.End(open.id(), outcome, Optional.empty(), Optional.empty()));
        }
      }
    }
  }

  /** A link has found alive what it may have given up in a lost part of its own journal. */
  static void foundAlive(RunRules.Draft draft, JobCommand.FoundAlive found) {
    boolean isGivenUp =
        draft
            .state()
            .execution(found.execution())
            .filter(known -> known.agent().equals(found.agent()) && !known.isOpen())
            .isPresent();
    if (isGivenUp) {
      draft.add(new JobDirective.Stop(found.agent(), found.execution()));
    }
  }

  /** Whether something may begin, as far as a cut goes. */
  static boolean maySettle(RunRules.Draft draft, Fleet fleet) {
    if (draft.state().cut().isEmpty()) {
      return true;
    }
    if (!unheard(draft.state(), fleet).isEmpty()) {
      return false;
    }
    for (RunRecord run : List.copyOf(draft.state().open())) {
      if (run.openExecution().isEmpty()) {
        // It may have been begun, and have ended, in the lost part: it is not executed again.
        draft.end(run.id(), RunResult.LOST, MAY_HAVE_BEGUN);
      }
    }
    draft.add(new JobEvent.AllLinksHeard(draft.now()));
    return true;
  }
}
