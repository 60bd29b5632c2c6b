package io.holdfast.persistence.leveldb;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/**
 * Goes through several sorted rows of entries as one: the newest version of each key that is not
 * deleted, in the order of the keys. Holds one entry of each row. For one thread.
 */
final class Merged implements Iterator<Entry> {
  private final Predicate<Byte> kinds;
  private final PriorityQueue<Row> rows =
      new PriorityQueue<>((a, b) -> Entry.ORDER.compare(a.head, b.head));
  private byte[] last;
  private Entry next;

  /**
   * @param kinds whether keys with this first byte are wanted
   */
  Merged(List<Iterator<Entry>> sorted, Predicate<Byte> kinds) {
    this.kinds = kinds;
    sorted.forEach(entries -> add(new Row(entries)));
    advance();
  }

  private static final class Row {
    private final Iterator<Entry> entries;
    private Entry head;

    Row(Iterator<Entry> entries) {
      this.entries = entries;
    }
  }

  private void add(Row row) {
    if (row.entries.hasNext()) {
      row.head = row.entries.next();
      rows.add(row);
    }
  }

  private void advance() {
    next = null;
    while (next == null && !rows.isEmpty()) {
      Row row = rows.remove();
      Entry entry = row.head;
      boolean isNewest = last == null || !Arrays.equals(last, entry.key());
      last = entry.key();
      if (isNewest && entry.isPut() && entry.key().length > 0 && kinds.test(entry.key()[0])) {
        next = entry;
      }
      add(row);
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Entry next() {
    if (next == null) {
      throw new NoSuchElementException();
    }
    Entry entry = next;
    advance();
    return entry;
  }
}
