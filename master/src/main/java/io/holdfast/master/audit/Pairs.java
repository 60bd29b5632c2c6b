package io.holdfast.master.audit;

import io.holdfast.persistence.audit.TimeSort;
import io.holdfast.protocol.id.ExecutionId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Brings together what the jobs and the links of one master say of each execution. What does not
 * fit into memory waits in temporary files. For one use.
 */
final class Pairs implements AutoCloseable {
  private final TimeSort<PairFact> sort = new TimeSort<>(new PairFact.Codec());
  private final Set<EventRef> read = new HashSet<>();
  private final Set<EventRef> excused = new HashSet<>();

  /** All that is said of one execution by the journals of one master. */
  record Pair(int source, ExecutionId execution, List<PairFact> facts) {}

  /** There is such a journal, of a job or of a link. */
  void read(Origin origin, String persistenceId) {
    read.add(journal(origin.number(), persistenceId));
  }

  /** A part of it is lost, or cannot be understood: what it does not say means nothing. */
  void excuse(Origin origin, String persistenceId) {
    excused.add(journal(origin.number(), persistenceId));
  }

  boolean isThere(int source, String persistenceId) {
    return read.contains(journal(source, persistenceId));
  }

  boolean isExcused(int source, String persistenceId) {
    return excused.contains(journal(source, persistenceId));
  }

  private static EventRef journal(int source, String persistenceId) {
    return new EventRef(source, persistenceId, 0);
  }

  void add(Origin origin, ExecutionId execution, PairFact fact) {
    // Nothing but the execution decides where it comes: what is of one is together.
    sort.add(0, origin.number(), execution.toString(), fact.kind().ordinal(), fact);
  }

  /** Hands over all of them, those of one job in a row; once. */
  void forEach(Consumer<Pair> sink) {
    Together together = new Together(sink);
    sort.forEach(together::take);
    together.flush();
  }

  /** Collects what is of one execution. */
  private static final class Together {
    private final Consumer<Pair> sink;
    private final List<PairFact> facts = new ArrayList<>();
    private int source;
    private String execution = "";

    Together(Consumer<Pair> sink) {
      this.sink = sink;
    }

    void take(TimeSort.Item<PairFact> item) {
      if (item.source() != source || !item.persistenceId().equals(execution)) {
        flush();
        source = item.source();
        execution = item.persistenceId();
      }
      facts.add(item.value());
    }

    void flush() {
      if (!facts.isEmpty()) {
        sink.accept(new Pair(source, ExecutionId.parse(execution), List.copyOf(facts)));
        facts.clear();
      }
    }
  }

  /** Deletes the temporary files. */
  @Override
  public void close() {
    sort.close();
  }
}
