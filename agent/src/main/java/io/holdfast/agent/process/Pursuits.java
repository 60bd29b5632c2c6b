package io.holdfast.agent.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows processes that are no children of this JVM, or that are to end: one thread takes a round
 * through all of them, and one scan of {@code /proc} and one batch of signals serve all of a round.
 * Two hundred tasks are stopped at the price of one.
 *
 * <p>Threading: {@link #add} from any thread; the steps run on the thread of this object. State:
 * soft. Errors: a step that throws is repeated in the next round, and logged at intervals.
 */
final class Pursuits implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Pursuits.class);
  private static final long URGENT_NANOS = Duration.ofMillis(20).toNanos();
  private static final long PATIENT_NANOS = Duration.ofMillis(100).toNanos();

  /**
   * A round that takes long, on a machine with very many processes, is followed by a pause as long,
   * up to this.
   */
  private static final long LONGEST_REST_NANOS = Duration.ofMillis(500).toNanos();

  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  /** Something that is followed from round to round. */
  interface Pursuit {
    /** Takes a step; true when there is nothing left to follow. */
    boolean step(Round round);

    /** Whether the next round should come soon. */
    boolean urgent();
  }

  /** What the steps of one round share. */
  static final class Round {
    private final Duration now;
    private final Signals signals;
    private ProcScan scan;

    private Round(Duration now, Signals signals) {
      this.now = now;
      this.signals = signals;
    }

    Duration now() {
      return now;
    }

    Signals signals() {
      return signals;
    }

    /** Taken at the first demand, thus after everything that a pursuit did before this round. */
    ProcScan scan() {
      if (scan == null) {
        scan = ProcScan.take();
      }
      return scan;
    }
  }

  private final BootClock clock;
  private final Signals signals;
  private final Queue<Pursuit> added = new ConcurrentLinkedQueue<>();
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread = new Thread(this::run, "holdfast-task-pursuits");
  private volatile boolean closed;
  private Duration lastLog = Duration.ZERO;

  Pursuits(BootClock clock, Signals signals) {
    this.clock = clock;
    this.signals = signals;
    thread.setDaemon(true);
    thread.start();
  }

  void add(Pursuit pursuit) {
    added.add(pursuit);
    wake.release();
  }

  private void run() {
    List<Pursuit> current = new ArrayList<>();
    try {
      while (!closed) {
        wake.drainPermits();
        for (Pursuit next = added.poll(); next != null; next = added.poll()) {
          current.add(next);
        }
        long began = System.nanoTime();
        round(current);
        long took = System.nanoTime() - began;
        if (current.isEmpty()) {
          wake.acquire();
        } else {
          boolean urgent = current.stream().anyMatch(Pursuit::urgent);
          long pause =
              Math.max(urgent ? URGENT_NANOS : PATIENT_NANOS, Math.min(took, LONGEST_REST_NANOS));
          // What is added meanwhile must wait for its share, or each would have a scan of its own.
          long least = Math.min(pause, Math.max(took, URGENT_NANOS));
          TimeUnit.NANOSECONDS.sleep(least);
          boolean ignored = wake.tryAcquire(pause - least, TimeUnit.NANOSECONDS);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void round(List<Pursuit> current) throws InterruptedException {
    Round round = new Round(clock.now(), signals);
    current.removeIf(pursuit -> stepSafely(pursuit, round));
    try {
      signals.send();
    } catch (java.io.IOException e) {
      log("signals were not sent, and will be again", e);
    }
  }

  private boolean stepSafely(Pursuit pursuit, Round round) {
    try {
      return pursuit.step(round);
    } catch (RuntimeException e) {
      log("a step failed, and will be repeated: " + pursuit, e);
      return false;
    }
  }

  private void log(String text, Exception e) {
    if (clock.now().minus(lastLog).compareTo(LOG_INTERVAL) > 0) {
      lastLog = clock.now();
      LOG.warn(text, e);
    }
  }

  @Override
  public void close() {
    closed = true;
    wake.release();
    thread.interrupt();
  }
}
