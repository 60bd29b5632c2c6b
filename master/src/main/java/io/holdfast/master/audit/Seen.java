package io.holdfast.master.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.persistence.audit.EventReader;
import io.holdfast.persistence.audit.StoredEvent;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * An event of some journal.
 *
 * @param event as an object, where its class is known here
 * @param json as it was written; missing when it is no JSON
 * @param unreadable why it cannot be read although its name is known
 */
public record Seen(
    Origin origin,
    StoredEvent stored,
    Optional<Object> event,
    JsonNode json,
    Optional<String> unreadable) {

  /** Reads what is stored. */
  public static Seen of(Origin origin, StoredEvent stored, EventReader reader) {
    JsonNode json = reader.json(stored);
    try {
      return new Seen(origin, stored, reader.event(stored), json, Optional.empty());
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return new Seen(origin, stored, Optional.empty(), json, Optional.of(why));
    }
  }

  /** When it happened by the wall clock of the writer: what the event says, or the journal. */
  public Instant at() {
    try {
      JsonNode at = json.path("at");
      return at.isTextual() ? Instant.parse(at.asText()) : written();
    } catch (DateTimeException e) {
      return written();
    }
  }

  private Instant written() {
    return Instant.ofEpochMilli(stored.timestamp());
  }

  /** The same in microseconds since 1970. */
  public long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at());
  }

  /** {@code main job|tick 12}. */
  public String place() {
    return origin + " " + stored.persistenceId() + " " + stored.sequenceNr();
  }
}
