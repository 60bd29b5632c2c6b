package io.holdfast.persistence.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.JournalEvents;
import io.holdfast.persistence.JournalException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The lines of an export, each an object of JSON:
 *
 * <pre>
 *   {"holdfast-export":1,"source":"…","owner":{"kind":"master","name":"main","journalId":"…"}}
 *   {"id":"job|tick","highest":12,"deletedTo":0}                            each persistence id
 *   {"setAside":"job|x","readableTo":4}                                     each that a repair set aside
 *   {"id":"job|tick","nr":1,"at":"…","writer":"…","name":"job-defined/1","event":{…}}   each event
 *   {"end":{"ids":3,"setAside":0,"events":20,"content":"…","sha256":"…"}}
 * </pre>
 *
 * <p>Ids come in the order of their bytes, events in the order of time, those of one id in the
 * order of their numbers. {@code content} is the SHA-256 of all lines between the first and the
 * last, {@code sha256} that of all before the last.
 */
final class ExportLines {
  /** The version of this form. */
  static final int FORMAT = 1;

  private final ObjectMapper json = JournalEvents.mapper();
  private final int ours = JournalEvents.serializerId();

  /** What the first line says. */
  record Header(String source, Optional<DirectoryIdentity> owner) {}

  /** What the last line says. */
  record End(long ids, long setAside, long events, String content, String sha256) {}

  String header(Header header) throws IOException {
    ObjectNode line = json.createObjectNode();
    line.put("holdfast-export", FORMAT).put("source", header.source());
    header
        .owner()
        .ifPresent(
            owner ->
                line.putObject("owner")
                    .put("kind", owner.kind())
                    .put("name", owner.owner())
                    .put("journalId", owner.journalId()));
    return json.writeValueAsString(line);
  }

  String id(StoredId id) throws IOException {
    ObjectNode line = json.createObjectNode();
    line.put("id", id.persistenceId()).put("highest", id.highest());
    line.put("deletedTo", id.deletedTo());
    if (id.anchorHash() != 0) {
      line.put("anchor", HexFormat.of().toHexDigits(id.anchorHash()));
    }
    return json.writeValueAsString(line);
  }

  String setAside(String id, long readableTo) throws IOException {
    return json.writeValueAsString(
        json.createObjectNode().put("setAside", id).put("readableTo", readableTo));
  }

  String event(StoredEvent event) throws IOException {
    ObjectNode line = json.createObjectNode();
    line.put("id", event.persistenceId()).put("nr", event.sequenceNr());
    line.put("at", Instant.ofEpochMilli(event.timestamp()).toString());
    line.put("writer", event.writer()).put("name", event.manifest());
    if (event.serializerId() != ours) {
      line.put("serializer", event.serializerId());
    }
    if (!event.adapterManifest().isEmpty()) {
      line.put("adapter", event.adapterManifest());
    }
    if (!event.tags().isEmpty()) {
      ArrayNode tags = line.putArray("tags");
      event.tags().forEach(tags::add);
    }
    Optional<JsonNode> payload = exactly(event.payload());
    if (payload.isPresent()) {
      line.set("event", payload.get());
    } else {
      line.put("bytes", event.payload());
    }
    return json.writeValueAsString(line);
  }

  /** As JSON, if the same bytes come back from it. */
  private Optional<JsonNode> exactly(byte[] payload) {
    try {
      JsonNode read = json.readTree(payload);
      boolean same = read != null && Arrays.equals(json.writeValueAsBytes(read), payload);
      return Optional.ofNullable(same ? read : null);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  String end(End end) throws IOException {
    ObjectNode line = json.createObjectNode();
    line.putObject("end")
        .put("ids", end.ids())
        .put("setAside", end.setAside())
        .put("events", end.events())
        .put("content", end.content())
        .put("sha256", end.sha256());
    return json.writeValueAsString(line);
  }

  JsonNode parse(String line, long number) {
    try {
      JsonNode read = json.readTree(line);
      if (read != null && read.isObject()) {
        return read;
      }
    } catch (IOException e) {
      throw wrong(number, "it is no JSON: " + e.getMessage().lines().findFirst().orElse(""), e);
    }
    throw wrong(number, "it is no object of JSON", null);
  }

  Header readHeader(JsonNode line) {
    if (line.path("holdfast-export").asInt() != FORMAT) {
      throw wrong(
          1,
          line.has("holdfast-export")
              ? "its format is " + line.path("holdfast-export") + ", and this Holdfast reads 1"
              : "it is not the first line of an export: {\"holdfast-export\":1,…}",
          null);
    }
    JsonNode owner = line.path("owner");
    return new Header(
        text(line, "source", 1),
        owner.isMissingNode()
            ? Optional.empty()
            : Optional.of(
                new DirectoryIdentity(
                    text(owner, "kind", 1), text(owner, "name", 1), text(owner, "journalId", 1))));
  }

  StoredId readId(JsonNode line, long number) {
    long highest = count(line, "highest", number);
    long deletedTo = count(line, "deletedTo", number);
    if (deletedTo > highest) {
      throw wrong(number, "deletedTo " + deletedTo + " is above highest " + highest, null);
    }
    try {
      long anchor =
          line.has("anchor") ? HexFormat.fromHexDigitsToLong(text(line, "anchor", number)) : 0;
      return new StoredId(text(line, "id", number), highest, deletedTo, anchor);
    } catch (IllegalArgumentException e) {
      throw wrong(number, "anchor: " + e.getMessage(), e);
    }
  }

  StoredEvent readEvent(JsonNode line, long number) {
    List<String> tags = new ArrayList<>();
    line.path("tags").forEach(tag -> tags.add(tag.asText()));
    try {
      if (line.has("event") == line.has("bytes")) {
        throw wrong(number, "it must have 'event' or 'bytes'", null);
      }
      return new StoredEvent(
          text(line, "id", number),
          count(line, "nr", number),
          Instant.parse(text(line, "at", number)).toEpochMilli(),
          text(line, "writer", number),
          line.path("adapter").asText(""),
          line.has("serializer") ? line.path("serializer").asInt() : ours,
          text(line, "name", number),
          tags,
          line.has("event")
              ? json.writeValueAsBytes(line.get("event"))
              : line.get("bytes").binaryValue());
    } catch (IOException | DateTimeException e) {
      throw wrong(number, e.getMessage(), e);
    }
  }

  End readEnd(JsonNode line, long number) {
    JsonNode end = line.path("end");
    return new End(
        count(end, "ids", number),
        count(end, "setAside", number),
        count(end, "events", number),
        text(end, "content", number),
        text(end, "sha256", number));
  }

  static String text(JsonNode object, String field, long number) {
    if (!object.path(field).isTextual()) {
      throw wrong(number, "'" + field + "' must be a text, and is " + object.path(field), null);
    }
    return object.path(field).asText();
  }

  static long count(JsonNode object, String field, long number) {
    JsonNode value = object.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
      throw wrong(number, "'" + field + "' must be a number, and is " + value, null);
    }
    return value.asLong();
  }

  static JournalException wrong(long number, String what, Throwable cause) {
    return new JournalException("line %d: %s".formatted(number, what), cause);
  }
}
