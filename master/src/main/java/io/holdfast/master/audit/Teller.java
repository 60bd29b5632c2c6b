package io.holdfast.master.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.master.catalog.CatalogEvent;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.JobEvent;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.TaskEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the events of journals into words. The events of one persistence id are to come in their
 * order. What is not known here is told as it is stored, never passed over. For one thread.
 */
public final class Teller {
  private static final int MOST_RAW = 500;

  private String at = "";
  private LinkWords link = new LinkWords("");

  /** What an event says: at least one statement. */
  public List<Statement> tell(Seen seen) {
    String id = seen.stored().persistenceId();
    Ids.Kind kind = Ids.kindOf(id);
    String place = seen.origin().number() + " " + id;
    if (!place.equals(at)) {
      at = place;
      link = new LinkWords(kind.name());
    }
    try {
      List<Statement> statements = known(seen, kind);
      return statements.isEmpty() ? List.of(raw(seen, kind)) : statements;
    } catch (IllegalArgumentException e) {
      return List.of(raw(seen, kind));
    }
  }

  private List<Statement> known(Seen seen, Ids.Kind kind) {
    Object event = seen.event().orElse(null);
    if (event instanceof JobEvent job) {
      return List.of(JobWords.tell(kind.name(), job));
    }
    if (event instanceof LinkEvent of) {
      return link.tell(of);
    }
    if (event instanceof CatalogEvent.JobsApplied applied) {
      return applied(applied);
    }
    if (event instanceof CatalogEvent.JournalDamaged damaged) {
      return List.of(
          new Statement(
              Subject.none(),
              "a part of the catalog's journal is lost: the jobs are asked how they are defined",
              damaged.what()));
    }
    if (event instanceof TaskEvent task && kind.execution().isPresent()) {
      return List.of(task(seen, kind, kind.execution().get(), task));
    }
    if (seen.stored().isCut()) {
      return List.of(cut(seen, kind));
    }
    return kind.type() == Ids.Type.SESSION
        ? SessionWords.tell(
                seen.stored().manifest(), kind.name(), about(seen, kind), agent(seen), seen.json())
            .orElse(List.of())
        : List.of();
  }

  private static List<Statement> applied(CatalogEvent.JobsApplied applied) {
    List<Statement> statements = new ArrayList<>();
    for (JobDefinition job : applied.jobs()) {
      statements.add(
          new Statement(
              Subject.job(job.name()),
              "job file: %s %s".formatted(job.name(), JobWords.words(job)),
              "one of %d jobs that were applied together%s"
                  .formatted(
                      applied.jobs().size(),
                      applied.by().map(who -> ", asked for by " + who).orElse(""))));
    }
    return statements;
  }

  private static Statement task(Seen seen, Ids.Kind kind, ExecutionId execution, TaskEvent event) {
    Subject about = Subject.execution(execution);
    return new Statement(
        seen.origin().agent().map(about::on).orElse(about),
        "task %s of master %s at %s: %s"
            .formatted(execution, kind.name(), agent(seen), TaskWords.tell(event)),
        TaskWords.cause(event));
  }

  private static Statement cut(Seen seen, Ids.Kind kind) {
    JsonNode cut = seen.json();
    return new Statement(
        about(seen, kind),
        "a repair has cut this journal: events up to %s could be kept, up to %s were known of"
            .formatted(cut.path("readableTo").asText("?"), cut.path("highestKnown").asText("?")),
        cut.path("what").asText(""));
  }

  private static Statement raw(Seen seen, Ids.Kind kind) {
    StoredEvent stored = seen.stored();
    JsonNode json = seen.json();
    String content =
        json.isMissingNode()
            ? stored.payload().length + " bytes that are no JSON"
            : json.toString();
    String shown = content.length() > MOST_RAW ? content.substring(0, MOST_RAW) + "…" : content;
    return new Statement(
        about(seen, kind),
        "event " + stored.manifest() + ": " + shown,
        seen.unreadable().map(why -> "it cannot be read: " + why).orElse(""));
  }

  private static String agent(Seen seen) {
    return seen.origin().agent().orElse("the agent");
  }

  private static Subject about(Seen seen, Ids.Kind kind) {
    if (kind.execution().isPresent()) {
      return Subject.execution(kind.execution().get());
    }
    return switch (kind.type()) {
      case JOB -> Subject.job(kind.name());
      case LINK -> Subject.agent(kind.name());
      case SESSION -> seen.origin().agent().map(Subject::agent).orElse(Subject.none());
      case CATALOG, TASK, OTHER -> Subject.none();
    };
  }

  /** All in one line, for who wants to show an event as evidence. */
  public static String line(Seen seen) {
    List<Statement> statements = new Teller().tell(seen);
    String more = statements.size() > 1 ? " (and %d more)".formatted(statements.size() - 1) : "";
    String cause = statements.get(0).cause();
    return statements.get(0).text() + (cause.isEmpty() ? "" : " [" + cause + "]") + more;
  }
}
