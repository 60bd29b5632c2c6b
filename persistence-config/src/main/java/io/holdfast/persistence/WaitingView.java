package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.iq80.leveldb.DBIterator;

/**
 * What LevelDB has, as if it had got the commits that wait as well (see {@link CarriedCommits}). So
 * reading writes nothing, which it must not where the disk is full.
 *
 * <p>One consistent view, forwards only; for one thread.
 */
final class WaitingView implements DBIterator {
  private final DBIterator stored;
  private final NavigableMap<byte[], Entry> waiting = new TreeMap<>(Arrays::compareUnsigned);

  /** The next that waits; null behind the last. */
  private Map.Entry<byte[], Entry> change;

  /**
   * @param stored a view of LevelDB, which this closes
   * @param commits what waits, in its order; what LevelDB has got of it meanwhile does no harm as
   *     long as it has got nothing that came later
   */
  WaitingView(DBIterator stored, List<List<Entry>> commits) {
    this.stored = stored;
    commits.forEach(changes -> changes.forEach(entry -> waiting.put(entry.key(), entry)));
    change = waiting.firstEntry();
  }

  @Override
  public void seek(byte[] key) {
    stored.seek(key);
    change = waiting.ceilingEntry(key);
  }

  @Override
  public void seekToFirst() {
    stored.seekToFirst();
    change = waiting.firstEntry();
  }

  @Override
  public boolean hasNext() {
    return isChangeNext() || stored.hasNext();
  }

  @Override
  public Map.Entry<byte[], byte[]> peekNext() {
    return isChangeNext() ? ofChange() : stored.peekNext();
  }

  private Map.Entry<byte[], byte[]> ofChange() {
    return Map.entry(change.getKey(), change.getValue().value());
  }

  @Override
  public Map.Entry<byte[], byte[]> next() {
    if (!isChangeNext()) {
      return stored.next();
    }
    Map.Entry<byte[], byte[]> next = ofChange();
    advance();
    return next;
  }

  /** Passes over what was deleted, and over what LevelDB has of a key that waits. */
  private boolean isChangeNext() {
    while (change != null) {
      int order =
          stored.hasNext()
              ? Arrays.compareUnsigned(stored.peekNext().getKey(), change.getKey())
              : 1;
      if (order < 0) {
        return false;
      }
      if (order == 0) {
        stored.next();
      } else if (change.getValue().isPut()) {
        return true;
      } else {
        advance();
      }
    }
    return false;
  }

  private void advance() {
    change = waiting.higherEntry(change.getKey());
  }

  @Override
  public void close() throws IOException {
    stored.close();
  }

  @Override
  public boolean hasPrev() {
    throw backwards();
  }

  @Override
  public Map.Entry<byte[], byte[]> peekPrev() {
    throw backwards();
  }

  @Override
  public Map.Entry<byte[], byte[]> prev() {
    throw backwards();
  }

  @Override
  public void seekToLast() {
    throw backwards();
  }

  private static UnsupportedOperationException backwards() {
    return new UnsupportedOperationException("The journal is read forwards.");
  }
}
