package io.holdfast.master.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.JobEvent;
import io.holdfast.persistence.audit.EventReader;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.protocol.task.TaskEvent;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * An event of some journal.
 *
 * @param event as an object, where its class is known here
 * @param unreadable why it cannot be read although its name is known
 */
public record Seen(
    Origin origin,
    StoredEvent stored,
    Optional<Object> event,
    Optional<String> unreadable,
    EventReader reader) {

  /** Reads what is stored. */
  public static Seen of(Origin origin, StoredEvent stored, EventReader reader) {
    try {
      return new Seen(origin, stored, reader.event(stored), Optional.empty(), reader);
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return new Seen(origin, stored, Optional.empty(), Optional.of(why), reader);
    }
  }

  /** As it was written; missing when it is no JSON. */
  public JsonNode json() {
    return reader.json(stored);
  }

  /** When it happened by the wall clock of the writer: what the event says, or the journal. */
  public Instant at() {
    Object known = event.orElse(null);
    if (known instanceof JobEvent job) {
      return job.at();
    }
    if (known instanceof LinkEvent link) {
      return link.at();
    }
    if (known instanceof TaskEvent task) {
      return task.at();
    }
    try {
      JsonNode at = json().path("at");
      return at.isTextual() ? Instant.parse(at.asText()) : written();
    } catch (DateTimeException e) {
      return written();
    }
  }

  private Instant written() {
    return Instant.ofEpochMilli(stored.timestamp());
  }

  /** {@code main job|tick 12}. */
  public String place() {
    return origin + " " + stored.persistenceId() + " " + stored.sequenceNr();
  }
}
