package io.holdfast.master.audit;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.persistence.JournalCut;
import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.EventReader;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskTransitions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was open at a past moment, as journals have it: runs that waited or ran, links, and tasks at
 * agents. An event counts if it and all before it in its id had happened by then. Heartbeats are in
 * no journal, so of a link it is told when its agent was last heard of, that it was unreachable,
 * and what came next. Holds what was open.
 */
public final class PastState {
  private final EventReader reader;
  private final Instant moment;
  private final Runnable progress;
  private final List<OpenRun> runs = new ArrayList<>();
  private final List<LinkThen> links = new ArrayList<>();
  private final List<TaskThen> tasks = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  /**
   * @param progress called at each event
   */
  public PastState(EventReader reader, Instant moment, Runnable progress) {
    this.reader = reader;
    this.moment = moment;
    this.progress = progress;
  }

  /**
   * A run that had not ended.
   *
   * @param execution that had no outcome; empty: it waited
   * @param state {@code waiting} for its turn or an agent, or how far the link had the execution
   * @param since the newest event about it
   */
  public record OpenRun(
      Origin master,
      String run,
      String execution,
      String agent,
      String state,
      Instant since,
      boolean isToBeCancelled) {}

  /**
   * A link.
   *
   * @param heard when the agent last said something that was journalled
   * @param unreachableSince when it was heard for the last time before, if it was unreachable then
   * @param next what the journal says next of hearing it
   */
  public record LinkThen(
      Origin master,
      String agent,
      String epoch,
      Optional<Instant> heard,
      Optional<Instant> unreachableSince,
      String state,
      Optional<Instant> next) {}

  /** A task that its agent had not forgotten. */
  public record TaskThen(
      Origin agent, String master, String execution, String phase, Instant since) {}

  /** Reads the journals. */
  public void read(List<Journal> journals) {
    for (Journal journal : journals) {
      journal.source().read(PastState::mayMatter, new Reading(journal.origin()));
    }
  }

  private static boolean mayMatter(String id) {
    Ids.Type type = Ids.kindOf(id).type();
    return type == Ids.Type.JOB || type == Ids.Type.LINK || type == Ids.Type.TASK;
  }

  public List<OpenRun> runs() {
    return List.copyOf(runs);
  }

  public List<LinkThen> links() {
    return List.copyOf(links);
  }

  public List<TaskThen> tasks() {
    return List.copyOf(tasks);
  }

  /** What in the journals is not as it was written: something may be missing. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /** How far a link had an execution. */
  private record AtLink(String phase, Instant since) {}

  /** One journal; links come before jobs in it. */
  private final class Reading implements AuditSource.Visitor {
    private final Origin origin;
    private final Map<ExecutionId, AtLink> atLinks = new HashMap<>();
    private Ids.Kind kind;
    private boolean later;
    private boolean broken;
    private JobState job;
    private Map<String, Instant> jobSince;
    private LinkState link;
    private Map<ExecutionId, Instant> linkSince;
    private PastLink contact;
    private TaskPhase task;
    private Instant taskSince;

    Reading(Origin origin) {
      this.origin = origin;
    }

    @Override
    public void begin(StoredId id) {
      kind = Ids.kindOf(id.persistenceId());
      later = false;
      broken = false;
      job = JobState.EMPTY;
      jobSince = new HashMap<>();
      link = LinkState.EMPTY;
      linkSince = new HashMap<>();
      contact = new PastLink(moment);
      task = TaskPhase.UNKNOWN;
      taskSince = Instant.EPOCH;
    }

    @Override
    public void event(StoredEvent stored) {
      progress.run();
      if (later && (kind.type() != Ids.Type.LINK || contact.isToldWhatCameNext())) {
        return;
      }
      Seen seen = Seen.of(origin, stored, reader);
      later |= seen.at().isAfter(moment);
      Object event = seen.event().orElse(null);
      if (later) {
        if (event instanceof LinkEvent of) {
          contact.cameNext(of);
        }
        return;
      }
      try {
        happened(seen, event);
      } catch (RuntimeException e) {
        if (!broken) {
          broken = true;
          faults.add(seen.place() + ": it has no meaning here: " + e.getMessage());
        }
      }
    }

    private void happened(Seen seen, Object stored) {
      Object event = stored instanceof JournalCut cut ? damage(cut) : stored;
      if (event instanceof JobEvent of) {
        job = job.evolve(of);
        touchRun(of, seen.at());
      } else if (event instanceof LinkEvent of) {
        link = link.evolve(of);
        new LinkWords("")
            .tell(of)
            .forEach(s -> s.about().execution().ifPresent(e -> linkSince.put(e, seen.at())));
        linkSince.keySet().retainAll(link.executions().keySet());
        contact.happened(of, seen.at());
      } else if (event instanceof TaskEvent of) {
        task = TaskTransitions.next(task, of.getClass()).orElse(task);
        taskSince = seen.at();
      }
    }

    /** As whom it concerns takes it. */
    private Object damage(JournalCut cut) {
      return switch (kind.type()) {
        case JOB -> new JobEvent.JournalDamaged(cut.number(), cut.what(), cut.at());
        case LINK -> new LinkEvent.JournalDamaged(cut.what(), cut.at());
        case TASK -> new TaskEvent.JournalDamaged(cut.number(), cut.what(), cut.at());
        case CATALOG, SESSION, OTHER -> cut;
      };
    }

    private void touchRun(JobEvent event, Instant at) {
      JobWords.tell("", event)
          .about()
          .run()
          .ifPresent(
              run -> {
                boolean open = job.run(run).filter(r -> r.end().isEmpty()).isPresent();
                jobSince.compute(run.toString(), (id, before) -> open ? at : null);
              });
    }

    @Override
    public void end(StoredId id) {
      switch (kind.type()) {
        case JOB ->
            job.runs().values().stream().filter(run -> run.end().isEmpty()).forEach(this::open);
        case LINK -> link();
        case TASK -> {
          if (task != TaskPhase.UNKNOWN && task != TaskPhase.RELEASED) {
            tasks.add(
                new TaskThen(
                    origin,
                    kind.name(),
                    kind.execution().orElseThrow().toString(),
                    JobWords.dashed(task),
                    taskSince));
          }
        }
        case CATALOG, SESSION, OTHER -> {}
      }
    }

    private void open(RunRecord run) {
      Optional<ExecutionRecord> execution = run.last().filter(e -> e.end().isEmpty());
      Optional<AtLink> atLink = execution.map(e -> atLinks.get(e.id()));
      Instant since = jobSince.getOrDefault(run.id().toString(), run.requestedAt());
      runs.add(
          new OpenRun(
              origin,
              run.id().toString(),
              execution.map(e -> e.id().toString()).orElse(""),
              execution.map(e -> e.agent().toString()).orElse(""),
              execution.isEmpty() ? "waiting" : atLink.map(AtLink::phase).orElse("begun"),
              atLink.map(AtLink::since).filter(since::isBefore).orElse(since),
              run.cancel().isPresent()));
    }

    private void link() {
      for (LinkExecution execution : link.executions().values()) {
        atLinks.put(
            execution.id(),
            new AtLink(
                JobWords.dashed(execution.phase()),
                linkSince.getOrDefault(execution.id(), Instant.EPOCH)));
      }
      if (link.epoch().value() == 0) {
        return;
      }
      links.add(
          new LinkThen(
              origin,
              kind.name(),
              link.epoch().toString(),
              contact.heard(),
              contact.unreachableSince(),
              contact.words(),
              contact.next()));
    }

    @Override
    public void fault(ChainFault fault) {
      if (faults.size() < Findings.MOST) {
        faults.add(origin.place() + ": " + fault);
      }
    }
  }
}
