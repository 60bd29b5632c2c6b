package io.holdfast.master.audit;

import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.EventReader;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.Texts;
import io.holdfast.persistence.audit.TimeSort;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What journals of both sides say of a job, a run, an execution or an agent, in the order of time.
 * Clocks of several machines may differ, and may have been set: the events of one persistence id
 * stay in their order, whatever their times say. For one use.
 */
public final class Timeline implements AutoCloseable {
  private final EventReader reader;
  private final Wanted wanted;
  private final Runnable progress;
  private final TimeSort<Told> sort = new TimeSort<>(new ToldCodec());
  private final List<String> faults = new ArrayList<>();
  private List<Journal> journals = List.of();

  /**
   * @param progress called at each event
   */
  public Timeline(EventReader reader, Wanted wanted, Runnable progress) {
    this.reader = reader;
    this.wanted = wanted;
    this.progress = progress;
  }

  /**
   * One line.
   *
   * @param at by the clock of who wrote it
   * @param name the event's logical name
   */
  public record Row(
      Instant at,
      Origin origin,
      String persistenceId,
      long sequenceNr,
      String name,
      Statement statement) {}

  private record Told(long micros, String name, List<Statement> statements) {}

  /** Reads the journals and hands over the lines. */
  public void forEach(List<Journal> from, Consumer<Row> sink) {
    journals = List.copyOf(from);
    for (Journal journal : journals) {
      Origin origin = journal.origin();
      journal.source().read(id -> wanted.mayBeIn(origin, id), new Reading(origin));
    }
    sort.forEach(
        item -> {
          Told told = item.value();
          for (Statement statement : told.statements()) {
            sink.accept(
                new Row(
                    Instant.EPOCH.plus(told.micros(), ChronoUnit.MICROS),
                    journals.get(item.source()).origin(),
                    item.persistenceId(),
                    item.number(),
                    told.name(),
                    statement));
          }
        });
  }

  /** What in the journals is not as it was written: something may be missing in the lines. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  private final class Reading implements AuditSource.Visitor {
    private final Origin origin;
    private final Teller teller = new Teller();

    Reading(Origin origin) {
      this.origin = origin;
    }

    @Override
    public void event(StoredEvent stored) {
      progress.run();
      Seen seen = Seen.of(origin, stored, reader);
      List<Statement> about =
          teller.tell(seen).stream().filter(s -> wanted.wants(s.about())).toList();
      Instant at = seen.at();
      if (!about.isEmpty() && wanted.wants(at)) {
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, at);
        sort.add(
            micros,
            origin.number(),
            stored.persistenceId(),
            stored.sequenceNr(),
            new Told(micros, stored.manifest(), about));
      }
    }

    @Override
    public void fault(ChainFault fault) {
      if (faults.size() < Findings.MOST) {
        faults.add(origin.place() + ": " + fault);
      }
    }
  }

  /** Statements in temporary files. */
  private static final class ToldCodec implements TimeSort.Codec<Told> {
    @Override
    public void write(DataOutputStream out, Told told) throws IOException {
      out.writeLong(told.micros());
      Texts.write(out, told.name());
      out.writeInt(told.statements().size());
      for (Statement statement : told.statements()) {
        Subject about = statement.about();
        optional(out, about.job());
        optional(out, about.run());
        optional(out, about.execution());
        optional(out, about.agent());
        Texts.write(out, statement.text());
        Texts.write(out, statement.cause());
      }
    }

    private static void optional(DataOutputStream out, Optional<?> value) throws IOException {
      Texts.write(out, value.map(Object::toString).orElse(""));
    }

    private static Optional<String> optional(DataInputStream in) throws IOException {
      return Optional.of(Texts.read(in)).filter(text -> !text.isEmpty());
    }

    @Override
    public Told read(DataInputStream in) throws IOException {
      long micros = in.readLong();
      String name = Texts.read(in);
      List<Statement> statements = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        Subject about =
            new Subject(
                optional(in),
                optional(in).map(RunId::parse),
                optional(in).map(ExecutionId::parse),
                optional(in));
        statements.add(new Statement(about, Texts.read(in), Texts.read(in)));
      }
      return new Told(micros, name, statements);
    }

    @Override
    public int bytes(Told told) {
      return told.statements().stream().mapToInt(s -> 300 + 2 * s.text().length()).sum();
    }
  }

  @Override
  public void close() {
    sort.close();
  }
}
