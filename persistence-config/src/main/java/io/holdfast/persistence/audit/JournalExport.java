package io.holdfast.persistence.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.holdfast.persistence.JournalEvents;
import io.holdfast.persistence.JournalException;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a journal as lines of JSON (see {@link ExportLines}), from which {@link JournalImport}
 * makes the same journal in any store. Events that could not be serialized when they were written
 * are left out; that their numbers were used is not. A damaged journal is refused: what is missing
 * in it would be missing for good.
 */
public final class JournalExport {
  private static final int MICROS = 1000;

  private final ExportLines lines = new ExportLines();
  private final JsonFactory json = JournalEvents.mapper().getFactory();
  private final LineDigest digest = new LineDigest();
  private final OutputStream out;
  private long ids;
  private long events;

  private JournalExport(OutputStream out) {
    this.out = new BufferedOutputStream(out, 1 << 16);
  }

  /**
   * What was written.
   *
   * @param content the SHA-256 of all but the first and the last line: the same for each store that
   *     holds the same
   */
  public record Written(long ids, long events, String content) {}

  /**
   * Writes all of it.
   *
   * @param progress called at each event
   * @throws JournalException naming what is damaged; what was written by then has no last line
   * @throws UncheckedIOException when there is no room for temporary files
   */
  public static Written write(AuditSource source, OutputStream out, Runnable progress)
      throws IOException {
    return new JournalExport(out).write(source, progress);
  }

  private Written write(AuditSource source, Runnable progress) throws IOException {
    digest.header(line(lines.header(new ExportLines.Header(source.name(), source.owner()))));
    List<ChainFault> faults = new ArrayList<>();
    try (TimeSort<StoredEvent> sort = new TimeSort<>(new EventCodec())) {
      source.read(id -> true, new Reading(sort, faults, progress));
      if (!faults.isEmpty()) {
        throw new JournalException(refusal(source, faults), null);
      }
      for (var entry : source.setAside().entrySet()) {
        content(lines.setAside(entry.getKey(), entry.getValue()));
      }
      sort.forEach(item -> event(item.value()));
    }
    String content = digest.content();
    String end =
        lines.end(
            new ExportLines.End(ids, source.setAside().size(), events, content, digest.all()));
    line(end);
    out.flush();
    return new Written(ids, events, content);
  }

  private static String refusal(AuditSource source, List<ChainFault> faults) {
    return "%s is not as it was written, and is not exported: %s%s"
        .formatted(
            source.name(),
            faults.get(0),
            faults.size() > 1 ? " (and %d more)".formatted(faults.size() - 1) : "");
  }

  private final class Reading implements AuditSource.Visitor {
    private final TimeSort<StoredEvent> sort;
    private final List<ChainFault> faults;
    private final Runnable progress;

    Reading(TimeSort<StoredEvent> sort, List<ChainFault> faults, Runnable progress) {
      this.sort = sort;
      this.faults = faults;
      this.progress = progress;
    }

    @Override
    public void begin(StoredId id) {
      ids++;
      try {
        content(lines.id(id));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void event(StoredEvent event) {
      progress.run();
      sort.add(timeOf(event), 0, event.persistenceId(), event.sequenceNr(), event);
    }

    @Override
    public void fault(ChainFault fault) {
      if (faults.size() < 100) {
        faults.add(fault);
      }
    }
  }

  /** What the event itself says; or when it was written, which older journals do not know. */
  private long timeOf(StoredEvent event) {
    try (JsonParser in = json.createParser(event.payload())) {
      if (in.nextToken() == JsonToken.START_OBJECT) {
        for (String field = in.nextFieldName(); field != null; field = in.nextFieldName()) {
          if (in.nextToken() == JsonToken.VALUE_STRING && field.equals("at")) {
            return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(in.getText()));
          }
          in.skipChildren();
        }
      }
    } catch (IOException | DateTimeException e) {
      return event.timestamp() * MICROS;
    }
    return event.timestamp() * MICROS;
  }

  private void event(StoredEvent event) {
    events++;
    try {
      content(lines.event(event));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void content(String text) throws IOException {
    digest.content(line(text));
  }

  private byte[] line(String text) throws IOException {
    byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
    out.write(bytes);
    return bytes;
  }

  /** Events in temporary files. */
  private static final class EventCodec implements TimeSort.Codec<StoredEvent> {
    @Override
    public void write(DataOutputStream out, StoredEvent event) throws IOException {
      Texts.write(out, event.persistenceId());
      out.writeLong(event.sequenceNr());
      out.writeLong(event.timestamp());
      Texts.write(out, event.writer());
      Texts.write(out, event.adapterManifest());
      out.writeInt(event.serializerId());
      Texts.write(out, event.manifest());
      out.writeInt(event.tags().size());
      for (String tag : event.tags()) {
        Texts.write(out, tag);
      }
      Texts.write(out, event.payload());
    }

    @Override
    public StoredEvent read(DataInputStream in) throws IOException {
      String id = Texts.read(in);
      long number = in.readLong();
      long timestamp = in.readLong();
      String writer = Texts.read(in);
      String adapter = Texts.read(in);
      int serializer = in.readInt();
      String manifest = Texts.read(in);
      List<String> tags = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        tags.add(Texts.read(in));
      }
      return new StoredEvent(
          id, number, timestamp, writer, adapter, serializer, manifest, tags, Texts.bytes(in));
    }

    @Override
    public int bytes(StoredEvent event) {
      return event.payload().length;
    }
  }
}
