package io.holdfast.master.audit;

import java.util.LinkedHashMap;
import java.util.Map;

/** Forgets the oldest of what is put into it. */
final class Newest<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int most;

  /**
   * @param most how many are kept
   */
  Newest(int most) {
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
