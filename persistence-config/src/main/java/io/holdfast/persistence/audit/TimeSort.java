package io.holdfast.persistence.audit;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Brings what several persistence ids and sources hold into the order of time; what does not fit
 * into memory waits in temporary files. What is of one id keeps the order of its numbers, even
 * where its clock was set back: nothing counts as earlier than what came before it. What is of one
 * time is ordered by source, id and number. For one thread.
 *
 * @param <T> what is sorted
 */
public final class TimeSort<T> implements AutoCloseable {
  private static final long MOST_BYTES = 32L << 20;

  /** A part of the heap that fits into its old generation, with much else. */
  private static final int PART_OF_HEAP = 4;

  private static final int MOST_RUNS = 64;
  private static final int OVERHEAD_BYTES = 300;
  private static final int BUFFER_BYTES = 1 << 16;

  private final Codec<T> codec;
  private final long budgetBytes;
  private final Comparator<Item<T>> order =
      Comparator.comparingLong((Item<T> item) -> item.at())
          .thenComparingInt(Item::source)
          .thenComparing(Item::persistenceId)
          .thenComparingLong(Item::number);
  private final List<Item<T>> held = new ArrayList<>();
  private final List<Path> runs = new ArrayList<>();
  private long heldBytes;
  private Path folder;
  private int files;
  private Item<T> before;

  /** With as much memory as is good for it. */
  public TimeSort(Codec<T> codec) {
    this(codec, Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / PART_OF_HEAP));
  }

  TimeSort(Codec<T> codec, long budgetBytes) {
    this.codec = codec;
    this.budgetBytes = budgetBytes;
  }

  /** How what is sorted looks in a temporary file. */
  public interface Codec<T> {
    /** Writes one. */
    void write(DataOutputStream out, T value) throws IOException;

    /** Reads what {@link #write} wrote. */
    T read(DataInputStream in) throws IOException;

    /** About how much memory it takes. */
    int bytes(T value);
  }

  /**
   * What is sorted, and where it belongs.
   *
   * @param at in microseconds since 1970, not before what came before it in its id
   * @param source which of several sources it is from
   */
  public record Item<T>(long at, int source, String persistenceId, long number, T value) {}

  /**
   * Takes the next. Those of one id come one after the other, in the order of their numbers.
   *
   * @throws UncheckedIOException when there is no room for temporary files
   */
  public void add(long at, int source, String persistenceId, long number, T value) {
    boolean same =
        before != null && before.source() == source && before.persistenceId().equals(persistenceId);
    Item<T> item =
        new Item<>(same ? Math.max(at, before.at()) : at, source, persistenceId, number, value);
    before = item;
    held.add(item);
    heldBytes += OVERHEAD_BYTES + codec.bytes(value);
    if (heldBytes > budgetBytes) {
      try {
        spill();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Hands over all of them in their order; once. */
  public void forEach(Consumer<Item<T>> sink) {
    try {
      held.sort(order);
      List<Source> sources = new ArrayList<>();
      sources.add(new Source(held.iterator(), null));
      for (Path run : runs) {
        sources.add(open(run));
      }
      merge(sources, sink::accept);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void spill() throws IOException {
    held.sort(order);
    write(out -> merge(List.of(new Source(held.iterator(), null)), item -> write(out, item)));
    held.clear();
    heldBytes = 0;
    if (runs.size() >= MOST_RUNS) {
      List<Path> together = List.copyOf(runs);
      runs.clear();
      List<Source> sources = new ArrayList<>();
      for (Path run : together) {
        sources.add(open(run));
      }
      write(out -> merge(sources, item -> write(out, item)));
      for (Path run : together) {
        Files.delete(run);
      }
    }
  }

  /** Where the temporary files are; null when there are none. */
  Path folder() {
    return folder;
  }

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private void write(Writing writing) throws IOException {
    if (folder == null) {
      folder = Files.createTempDirectory("holdfast-audit-");
    }
    Path run = folder.resolve("run-" + files++);
    runs.add(run);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(run), BUFFER_BYTES))) {
      writing.to(out);
    }
  }

  private interface Sink<T> {
    void take(Item<T> item) throws IOException;
  }

  private void merge(List<Source> sources, Sink<T> sink) throws IOException {
    PriorityQueue<Source> queue = new PriorityQueue<>((a, b) -> order.compare(a.head, b.head));
    try {
      for (Source source : sources) {
        if (source.advance()) {
          queue.add(source);
        }
      }
      while (!queue.isEmpty()) {
        Source source = queue.remove();
        sink.take(source.head);
        if (source.advance()) {
          queue.add(source);
        }
      }
    } finally {
      for (Source source : sources) {
        source.close();
      }
    }
  }

  private Source open(Path run) throws IOException {
    return new Source(
        null,
        new DataInputStream(new BufferedInputStream(Files.newInputStream(run), BUFFER_BYTES)));
  }

  /** What is in memory, or in one file. */
  private final class Source {
    private final Iterator<Item<T>> items;
    private final DataInputStream in;
    private Item<T> head;

    Source(Iterator<Item<T>> items, DataInputStream in) {
      this.items = items;
      this.in = in;
    }

    boolean advance() throws IOException {
      if (in == null) {
        head = items.hasNext() ? items.next() : null;
      } else {
        head = read(in);
      }
      return head != null;
    }

    void close() throws IOException {
      if (in != null) {
        in.close();
      }
    }
  }

  private void write(DataOutputStream out, Item<T> item) throws IOException {
    out.writeLong(item.at());
    out.writeInt(item.source());
    Texts.write(out, item.persistenceId());
    out.writeLong(item.number());
    codec.write(out, item.value());
  }

  /** Null at the end. */
  private Item<T> read(DataInputStream in) throws IOException {
    long at;
    try {
      at = in.readLong();
    } catch (EOFException e) {
      return null;
    }
    int source = in.readInt();
    String id = Texts.read(in);
    return new Item<>(at, source, id, in.readLong(), codec.read(in));
  }

  /** Deletes the temporary files. */
  @Override
  public void close() {
    held.clear();
    if (folder == null) {
      return;
    }
    try {
      for (Path run : runs) {
        Files.deleteIfExists(run);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
