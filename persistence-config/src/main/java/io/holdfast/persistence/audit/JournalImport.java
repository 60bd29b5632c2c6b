package io.holdfast.persistence.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.JournalException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Brings what {@link JournalExport} has written into an empty store. It becomes valid only when the
 * last line was read and its counts and checksum are right. Holds the ids that have events in
 * memory, events not.
 */
public final class JournalImport {
  /** The longest line: twice the largest event that a store takes by default, and some more. */
  private static final int MOST_LINE_BYTES = 64 << 20;

  /** Most numbers in a row without an event: those of events that could not be serialized. */
  private static final long MOST_PASSED_OVER = 10_000;

  private final ExportLines lines = new ExportLines();
  private final LineDigest digest = new LineDigest();
  private final InputStream in;
  private final int mostLineBytes;
  private final Runnable progress;
  private final Map<String, Progress> ids = new HashMap<>();
  private long number;
  private long countOfIds;
  private long setAside;
  private long events;

  private JournalImport(InputStream in, int mostLineBytes, Runnable progress) {
    this.in = new BufferedInputStream(in, 1 << 16);
    this.mostLineBytes = mostLineBytes;
    this.progress = progress;
  }

  /** How far the events of an id are. */
  private static final class Progress {
    private final long highest;
    private long newest;

    Progress(StoredId id) {
      highest = id.highest();
      newest = id.deletedTo();
    }
  }

  /**
   * What was brought over.
   *
   * @param owner whose journal it was, where the export says it
   * @param content as {@link JournalExport.Written#content}
   */
  public record Done(Optional<DirectoryIdentity> owner, long ids, long events, String content) {}

  /**
   * Reads all of it, and commits it.
   *
   * @param target asked for once the first line is read, so that it may depend on whose it is
   * @param progress called at each event
   * @throws JournalException naming the line and what is wrong with it; nothing was imported then
   */
  public static Done read(
      InputStream in, Function<Optional<DirectoryIdentity>, ImportTarget> target, Runnable progress)
      throws IOException {
    return read(in, MOST_LINE_BYTES, target, progress);
  }

  static Done read(
      InputStream in,
      int mostLineBytes,
      Function<Optional<DirectoryIdentity>, ImportTarget> target,
      Runnable progress)
      throws IOException {
    return new JournalImport(in, mostLineBytes, progress).read(target);
  }

  private Done read(Function<Optional<DirectoryIdentity>, ImportTarget> target) throws IOException {
    byte[] first = next();
    if (first == null) {
      throw new JournalException("it is empty", null);
    }
    digest.header(first);
    Optional<DirectoryIdentity> owner = lines.readHeader(parse(first)).owner();
    try (ImportTarget to = target.apply(owner)) {
      while (true) {
        byte[] line = next();
        if (line == null) {
          throw new JournalException(
              "it is cut off after line %d: the last line of an export is {\"end\":…}"
                  .formatted(number),
              null);
        }
        JsonNode object = parse(line);
        if (object.has("end")) {
          ExportLines.End end = lines.readEnd(object, number);
          check(end);
          to.commit();
          return new Done(owner, countOfIds, events, end.content());
        }
        digest.content(line);
        take(object, to);
      }
    }
  }

  private JsonNode parse(byte[] line) {
    return lines.parse(new String(line, StandardCharsets.UTF_8), number);
  }

  private void take(JsonNode line, ImportTarget to) {
    if (line.has("setAside")) {
      setAside++;
      to.setAside(
          ExportLines.text(line, "setAside", number),
          ExportLines.count(line, "readableTo", number));
    } else if (line.has("nr")) {
      events++;
      progress.run();
      to.event(follows(lines.readEvent(line, number)));
    } else if (line.has("id")) {
      countOfIds++;
      StoredId id = lines.readId(line, number);
      if (events > 0 || (id.hasEvents() && ids.put(id.persistenceId(), new Progress(id)) != null)) {
        throw ExportLines.wrong(
            number, "id '" + id.persistenceId() + "' is told twice, or behind an event", null);
      }
      to.id(id);
    } else {
      throw ExportLines.wrong(number, "it is neither an id nor an event nor the end", null);
    }
  }

  private StoredEvent follows(StoredEvent event) {
    Progress id = ids.get(event.persistenceId());
    if (id == null || event.sequenceNr() <= id.newest || event.sequenceNr() > id.highest) {
      throw ExportLines.wrong(
          number,
          id == null
              ? "event of '%s', which has none".formatted(event.persistenceId())
              : "event %d of '%s': the next is %d, and the last of all %d"
                  .formatted(event.sequenceNr(), event.persistenceId(), id.newest + 1, id.highest),
          null);
    }
    passedOver(event.persistenceId(), event.sequenceNr() - id.newest - 1, event.isCut());
    id.newest = event.sequenceNr();
    return event;
  }

  private void passedOver(String id, long count, boolean isCut) {
    if (count > MOST_PASSED_OVER && !isCut) {
      throw ExportLines.wrong(number, "%d events of '%s' are missing".formatted(count, id), null);
    }
  }

  private void check(ExportLines.End end) throws IOException {
    String content = digest.content();
    String all = digest.all();
    if (end.ids() != countOfIds || end.events() != events || end.setAside() != setAside) {
      throw ExportLines.wrong(
          number,
          "it counts %d ids, %d set aside and %d events, and there are %d, %d and %d"
              .formatted(end.ids(), end.setAside(), end.events(), countOfIds, setAside, events),
          null);
    }
    if (!end.sha256().equals(all) || !end.content().equals(content)) {
      throw ExportLines.wrong(
          number, "the checksum does not match: some line is not as it was written", null);
    }
    ids.forEach((id, each) -> passedOver(id, each.highest - each.newest, false));
    if (next() != null) {
      throw ExportLines.wrong(number, "there is something behind the end", null);
    }
  }

  /** A line with its end; null when there is none. */
  private byte[] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    for (int b = in.read(); b >= 0; b = in.read()) {
      line.write(b);
      if (b == '\n') {
        number++;
        return line.toByteArray();
      }
      if (line.size() > mostLineBytes) {
        throw ExportLines.wrong(
            number + 1, "it is longer than %d bytes".formatted(mostLineBytes), null);
      }
    }
    if (line.size() > 0) {
      throw new JournalException("it is cut off in line " + (number + 1), null);
    }
    return null;
  }
}
