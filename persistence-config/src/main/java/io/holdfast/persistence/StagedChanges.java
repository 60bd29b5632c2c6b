package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import java.util.ArrayList;
import java.util.List;
import org.iq80.leveldb.WriteBatch;

/** What one commit changes, before LevelDB gets it. For one thread at a time. */
final class StagedChanges implements WriteBatch {
  private static final byte[] NOTHING = new byte[0];

  private final List<Entry> entries = new ArrayList<>();

  /** In their order; the numbers are for others to give. */
  List<Entry> entries() {
    return entries;
  }

  @Override
  public WriteBatch put(byte[] key, byte[] value) {
    entries.add(new Entry(key, 0, true, value));
    return this;
  }

  @Override
  public WriteBatch delete(byte[] key) {
    entries.add(new Entry(key, 0, false, NOTHING));
    return this;
  }

  /** Puts changes where LevelDB takes them from. */
  static void copy(List<Entry> entries, WriteBatch to) {
    for (Entry entry : entries) {
      if (entry.isPut()) {
        to.put(entry.key(), entry.value());
      } else {
        to.delete(entry.key());
      }
    }
  }

  @Override
  public void close() {}
}
