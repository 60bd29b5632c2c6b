package io.holdfast.sim;

import java.util.Arrays;

/** What will happen, in the order of virtual time; what is due at the same time, as it was put. */
final class Agenda {
  private long[] times = new long[256];
  private long[] orders = new long[256];
  private Runnable[] actions = new Runnable[256];
  private int size;
  private long order;
  private long now;
  private long steps;

  long now() {
    return now;
  }

  long steps() {
    return steps;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void at(long time, Runnable action) {
    if (size == times.length) {
      times = Arrays.copyOf(times, size * 2);
      orders = Arrays.copyOf(orders, size * 2);
      actions = Arrays.copyOf(actions, size * 2);
    }
    long due = Math.max(time, now);
    long place = order++;
    int i = size++;
    while (i > 0) {
      int parent = (i - 1) >>> 1;
      if (times[parent] < due || (times[parent] == due && orders[parent] < place)) {
        break;
      }
      move(parent, i);
      i = parent;
    }
    put(i, due, place, action);
  }

  void after(long delay, Runnable action) {
    at(now + delay, action);
  }

  /** Lets the next thing happen. */
  void step() {
    Runnable action = actions[0];
    now = times[0];
    steps++;
    size--;
    if (size > 0) {
      sink(times[size], orders[size], actions[size]);
    }
    actions[size] = null;
    action.run();
  }

  private void sink(long time, long place, Runnable action) {
    int i = 0;
    int half = size >>> 1;
    while (i < half) {
      int child = 2 * i + 1;
      int right = child + 1;
      if (right < size && isBefore(right, times[child], orders[child])) {
        child = right;
      }
      if (!isBefore(child, time, place)) {
        break;
      }
      move(child, i);
      i = child;
    }
    put(i, time, place, action);
  }

  private boolean isBefore(int i, long time, long place) {
    return times[i] < time || (times[i] == time && orders[i] < place);
  }

  private void move(int from, int to) {
    put(to, times[from], orders[from], actions[from]);
  }

  private void put(int i, long time, long place, Runnable action) {
    times[i] = time;
    orders[i] = place;
    actions[i] = action;
  }
}
