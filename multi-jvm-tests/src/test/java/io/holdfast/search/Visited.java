package io.holdfast.search;

/**
 * The states that were seen: 128 bits of each, and 64 of the state that it was first reached from.
 * In parts with a lock each, so that threads seldom wait.
 */
final class Visited {
  private static final int PARTS = 64;

  private static final class Part {
    long[] keys = new long[3 * 1024];
    int size;

    /** Whether it is new. The key of nothing is 0, 0. */
    synchronized boolean add(long high, long low, long parent) {
      if (size * 3 > keys.length / 3 * 2) {
        grow();
      }
      int at = find(keys, high, low);
      if (keys[at] != 0 || keys[at + 1] != 0) {
        return false;
      }
      keys[at] = high;
      keys[at + 1] = low;
      keys[at + 2] = parent;
      size++;
      return true;
    }

    private void grow() {
      long[] more = new long[keys.length * 2];
      for (int i = 0; i < keys.length; i += 3) {
        if (keys[i] != 0 || keys[i + 1] != 0) {
          int at = find(more, keys[i], keys[i + 1]);
          System.arraycopy(keys, i, more, at, 3);
        }
      }
      keys = more;
    }

    private static int find(long[] keys, long high, long low) {
      int slots = keys.length / 3;
      int at = (int) ((high & 0x7fffffff) % slots);
      while (true) {
        int i = at * 3;
        boolean free = keys[i] == 0 && keys[i + 1] == 0;
        if (free || (keys[i] == high && keys[i + 1] == low)) {
          return i;
        }
        at = at + 1 == slots ? 0 : at + 1;
      }
    }

    /** The parent of the state whose upper half this is. */
    synchronized long parent(long high) {
      int slots = keys.length / 3;
      int at = (int) ((high & 0x7fffffff) % slots);
      while (keys[at * 3] != high) {
        at = at + 1 == slots ? 0 : at + 1;
      }
      return keys[at * 3 + 2];
    }
  }

  private final Part[] parts = new Part[PARTS];

  Visited() {
    for (int i = 0; i < PARTS; i++) {
      parts[i] = new Part();
    }
  }

  private Part part(long high) {
    return parts[(int) (high >>> 58)];
  }

  boolean add(long high, long low, long parent) {
    return part(high).add(high, low, parent);
  }

  long parent(long high) {
    return part(high).parent(high);
  }

  long size() {
    long size = 0;
    for (Part part : parts) {
      size += part.size;
    }
    return size;
  }
}
