package io.holdfast.harness;

import io.holdfast.harness.EffectLedger.Entry;
import io.holdfast.harness.EffectLedger.Kind;
import io.holdfast.harness.EffectLedger.Overlap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * From when to when the executions of one job lived, as far as a ledger tells. An execution that
 * began twice has two lives.
 */
final class LedgerLives {
  private final List<Life> lives = new ArrayList<>();
  private final List<Overlap> overlaps = new ArrayList<>();

  private LedgerLives() {}

  private static final class Life {
    final String execution;
    final long start;
    long end = Long.MAX_VALUE;
    boolean holdsLock;

    Life(String execution, long start) {
      this.execution = execution;
      this.start = start;
    }

    boolean isOpen() {
      return end == Long.MAX_VALUE;
    }

    @Override
    public String toString() {
      return execution + " [" + start + ", " + (isOpen() ? "?" : Long.toString(end)) + "]";
    }
  }

  static LedgerLives of(List<Entry> entries, String job, Map<String, Long> deaths) {
    LedgerLives all = new LedgerLives();
    entries.stream().filter(entry -> entry.job().equals(job)).forEach(all::take);
    for (Life life : all.lives) {
      if (life.isOpen()) {
        life.end = deaths.getOrDefault(life.execution, Long.MAX_VALUE);
      }
    }
    all.compare();
    return all;
  }

  List<Overlap> overlaps() {
    return overlaps;
  }

  private void take(Entry entry) {
    if (entry.kind() == Kind.START) {
      lives.add(new Life(entry.execution(), entry.uptimeCentis()));
      return;
    }
    Life life = lastOf(entry);
    switch (entry.kind()) {
      case END -> life.end = entry.uptimeCentis();
      case LOCKED -> {
        for (Life other : lives) {
          if (other.holdsLock && other.isOpen()) {
            other.end =
                entry.uptimeCentis(); // It let go of the lock without a word, so it was killed.
          }
        }
        life.holdsLock = true;
      }
      case OVERLAP ->
          overlaps.add(
              new Overlap("?", entry.execution(), "the lock was held at " + entry.uptimeCentis()));
      case START -> throw new AssertionError(entry);
    }
  }

  private Life lastOf(Entry entry) {
    for (int i = lives.size() - 1; i >= 0; i--) {
      if (lives.get(i).execution.equals(entry.execution())) {
        return lives.get(i);
      }
    }
    throw new IllegalStateException("the ledger has no start before " + entry);
  }

  private void compare() {
    for (int i = 0; i < lives.size(); i++) {
      for (int j = i + 1; j < lives.size(); j++) {
        Life a = lives.get(i);
        Life b = lives.get(j);
        Life earlier = a.start <= b.start ? a : b;
        Life later = earlier == a ? b : a;
        if (later.start < earlier.end) {
          overlaps.add(new Overlap(earlier.execution, later.execution, earlier + " and " + later));
        }
      }
    }
  }
}
