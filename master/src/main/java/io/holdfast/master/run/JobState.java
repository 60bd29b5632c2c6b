package io.holdfast.master.run;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.RunId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a job's journal amounts to: hard state, changed by {@link #evolve} alone.
 *
 * @param runs all that have not ended, and the newest that have, bounded by {@link #KEPT} and
 *     {@link #KEPT_CHARACTERS}
 * @param newestRun the number of the newest run ever
 * @param newestToken the newest fencing token ever
 * @param cut that a part of the journal is lost, and not every link has told what it holds
 */
public record JobState(
    Optional<JobDefinition> definition,
    SortedMap<Long, RunRecord> runs,
    long newestRun,
    FencingToken newestToken,
    Optional<JobCut> cut) {
  /** How many ended runs of a job are kept at hand; older ones remain in the journal. */
  public static final int KEPT = 200;

  /** How much text of ended runs is kept at hand: their parameters, and what their tasks told. */
  static final long KEPT_CHARACTERS = 4L * 1024 * 1024;

  /** A job of which nothing is known. */
  public static final JobState EMPTY =
      new JobState(Optional.empty(), Collections.emptySortedMap(), 0, new FencingToken(0));

  /** A job whose journal is whole. */
  public JobState(
      Optional<JobDefinition> definition,
      SortedMap<Long, RunRecord> runs,
      long newestRun,
      FencingToken newestToken) {
    this(definition, runs, newestRun, newestToken, Optional.empty());
  }

  /** A run, if it is at hand. */
  public Optional<RunRecord> run(RunId id) {
    return Optional.ofNullable(runs.get(id.number()));
  }

  Optional<ExecutionRecord> execution(ExecutionId id) {
    return run(id.run()).flatMap(run -> run.execution(id));
  }

  /** The runs that have not ended, oldest first. */
  Collection<RunRecord> open() {
    return runs.values().stream().filter(RunRecord::isOpen).toList();
  }

  /** What {@code event} makes of this state. */
  public JobState evolve(JobEvent event) {
    if (event instanceof JobEvent.Defined defined) {
      return new JobState(Optional.of(defined.definition()), runs, newestRun, newestToken, cut);
    }
    if (event instanceof JobEvent.RunRequested asked) {
      return with(
          new RunRecord(
              asked.run(),
              asked.parameters(),
              asked.requestId(),
              asked.at(),
              Optional.empty(),
              List.of(),
              Optional.empty(),
              Told.NOTHING));
    }
    if (event instanceof JobEvent.CancelRequested cancel) {
      return with(known(cancel.run()).with(cancel));
    }
    if (event instanceof JobEvent.ExecutionBegun begun) {
      JobState next =
          with(
              known(begun.execution().run())
                  .plus(
                      new ExecutionRecord(
                          begun.execution(),
                          begun.agent(),
                          begun.token(),
                          begun.at(),
                          Optional.empty(),
                          Optional.empty(),
                          false)));
      return new JobState(next.definition, next.runs, next.newestRun, begun.token(), cut);
    }
    if (event instanceof JobEvent.NumberingRaised raised) {
      return raised(raised.run(), raised.token());
    }
    if (event instanceof JobEvent.RunAdopted adopted) {
      return adopted(adopted);
    }
    if (event instanceof JobEvent.ExecutionEnded ended) {
      return with(known(ended.execution().run()).with(ended.execution(), e -> e.ended(ended)));
    }
    if (event instanceof JobEvent.ExecutionAmended amended) {
      return with(
          known(amended.execution().run())
              .with(amended.execution(), e -> e.amended(amended.outcome())));
    }
    if (event instanceof JobEvent.RunEnded ended) {
      return with(known(ended.run()).with(ended)).trimmed();
    }
    if (event instanceof JobEvent.JournalDamaged damaged) {
      return damaged(damaged);
    }
    if (event instanceof JobEvent.LinkHeard heard) {
      return with(cut.map(it -> it.with(heard.agent())));
    }
    if (event instanceof JobEvent.AllLinksHeard) {
      return with(Optional.empty());
    }
    if (event instanceof JobEvent.VariableSet set) {
      RunRecord run = known(set.execution().run());
      return with(run.with(run.told().with(set)));
    }
    if (event instanceof JobEvent.NoteAdded added) {
      RunRecord run = known(added.execution().run());
      return with(run.with(run.told().with(added)));
    }
    if (event instanceof JobEvent.ProgressMade made) {
      RunRecord run = known(made.execution().run());
      return with(run.with(run.told().with(made)));
    }
    throw new IllegalArgumentException("no meaning for " + event);
  }

  private JobState damaged(JobEvent.JournalDamaged event) {
    return new JobState(
        definition,
        runs,
        CutRules.above(newestRun, event.number()),
        new FencingToken(CutRules.above(newestToken.value(), event.number())),
        Optional.of(new JobCut(Set.of(), event.what(), event.at())));
  }

  private JobState with(Optional<JobCut> now) {
    return new JobState(definition, runs, newestRun, newestToken, now);
  }

  private JobState raised(long run, FencingToken token) {
    return new JobState(
        definition,
        runs,
        Math.max(newestRun, run),
        token.compareTo(newestToken) > 0 ? token : newestToken,
        cut);
  }

  private JobState adopted(JobEvent.RunAdopted event) {
    RunRecord run =
        run(event.execution().run())
            .orElseGet(
                () ->
                    new RunRecord(
                        event.execution().run(),
                        Collections.emptySortedMap(),
                        Optional.empty(),
                        event.startedAt().orElse(event.at()),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        Told.NOTHING));
    FencingToken token = event.token().orElse(new FencingToken(0));
    return with(run.plus(
            new ExecutionRecord(
                event.execution(),
                event.agent(),
                token,
                event.startedAt().orElse(event.at()),
                Optional.empty(),
                Optional.empty(),
                true)))
        .raised(event.execution().run().number(), token);
  }

  private RunRecord known(RunId id) {
    return run(id)
        .orElseThrow(() -> new IllegalStateException("the journal never requested run " + id));
  }

  private JobState with(RunRecord run) {
    TreeMap<Long, RunRecord> more = new TreeMap<>(runs);
    more.put(run.id().number(), run);
    return new JobState(
        definition,
        Collections.unmodifiableSortedMap(more),
        Math.max(newestRun, run.id().number()),
        newestToken,
        cut);
  }

  /** Without the oldest ended runs that are too many, or too long; the newest always stays. */
  private JobState trimmed() {
    List<Long> tooMany = new ArrayList<>();
    int kept = 0;
    long characters = 0;
    List<RunRecord> all = new ArrayList<>(runs.values());
    for (int i = all.size() - 1; i >= 0; i--) {
      RunRecord run = all.get(i);
      if (!run.isOpen() && run.openExecution().isEmpty()) {
        kept++;
        characters += run.characters();
        if (kept > KEPT || (kept > 1 && characters > KEPT_CHARACTERS)) {
          tooMany.add(run.id().number());
        }
      }
    }
    if (tooMany.isEmpty()) {
      return this;
    }
    TreeMap<Long, RunRecord> fewer = new TreeMap<>(runs);
    tooMany.forEach(fewer::remove);
    return new JobState(
        definition, Collections.unmodifiableSortedMap(fewer), newestRun, newestToken, cut);
  }
}
