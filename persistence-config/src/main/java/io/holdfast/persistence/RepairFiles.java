package io.holdfast.persistence;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.persistence.leveldb.Entry;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes what a repair sets aside, for people and for programs. */
final class RepairFiles {
  private static final ObjectMapper JSON = JournalJson.mapper();

  private RepairFiles() {}

  /**
   * Writes {@code record.json}, which says what was set aside, and {@code events.jsonl}, a line for
   * each event of it that can be read.
   */
  static void write(JournalSurvey survey, Path folder, List<JournalRepair.SetAside> setAside)
      throws IOException {
    Map<String, Long> readable = JournalRepair.readable(setAside);
    ObjectNode record = JSON.createObjectNode();
    record.put("repairedAt", Instant.now().toString());
    record.put("journal", survey.files().directory().toString());
    record.set("missingCommits", JSON.valueToTree(survey.missingCommits()));
    record.set("damages", JSON.valueToTree(survey.report().damages()));
    record.put("mayMissIds", survey.mayMissIds());
    record.set("setAside", JSON.valueToTree(setAside));
    synced(folder.resolve("record.json"), out -> line(out, record.toPrettyString()));
    synced(
        folder.resolve("events.jsonl"),
        out ->
            survey
                .files()
                .files()
                .forEach(
                    kind -> kind == JournalKeys.EVENT,
                    entry -> describe(entry, readable).ifPresent(text -> line(out, text))));
  }

  /** Empty for an event that stays in the journal, or that cannot be read. */
  private static Optional<String> describe(Entry entry, Map<String, Long> readable) {
    Optional<JournalKeys.Numbered> key = JournalKeys.numbered(entry.key());
    if (key.isEmpty() || !readable.containsKey(key.get().name())) {
      return Optional.empty();
    }
    String id = key.get().name();
    long number = key.get().number();
    ObjectNode line = JSON.createObjectNode();
    line.put("persistenceId", id).put("sequenceNr", number);
    line.put("inSequence", number <= readable.get(id));
    try {
      StoredRecord stored = StoredRecord.decode(id, number, entry.value());
      EventCodec.parse(stored.body())
          .ifPresentOrElse(body -> put(line, body), () -> line.put("rejected", true));
      return Optional.of(JSON.writeValueAsString(line));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static void put(ObjectNode line, EventCodec.Body body) {
    line.put("timestamp", Instant.ofEpochMilli(body.timestamp()).toString());
    line.put("name", body.manifest());
    try {
      JsonNode event = JSON.readTree(body.payload());
      line.set("event", event);
    } catch (JsonProcessingException e) {
      line.put("serializerId", body.serializerId()).put("bytes", body.payload());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void synced(Path file, Consumer<BufferedWriter> content) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        BufferedWriter out =
            new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8))) {
      content.accept(out);
      out.flush();
      channel.force(true);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void line(BufferedWriter out, String text) {
    try {
      out.write(text);
      out.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
