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

  /**
   * Between two rounds, or as long as a round has taken: what is added meanwhile must wait for its
   * share, or each would have a scan of its own.
   */
  private static final long SHORTEST_REST_NANOS = Duration.ofMillis(15).toNanos();

  private static final long LONGEST_REST_NANOS = Duration.ofMillis(500).toNanos();

  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  /** Something that is followed from round to round. */
  interface Pursuit {
    /** Takes a step; true when there is nothing left to follow. */
    boolean step(Round round);

    /** How long after a step the next is of use, at the least. */
    Duration pause();
  }

  /** What the steps of one round share. */
  static final class Round {
    private final Duration now;
    private final Signals signals;
    private final ForeignProcesses foreign;
    private ProcScan scan;
    private ProcScan second;

    private Round(Duration now, Signals signals, ForeignProcesses foreign) {
      this.now = now;
      this.signals = signals;
      this.foreign = foreign;
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
        scan = ProcScan.take(foreign);
      }
      return scan;
    }

    /** Another look, after {@link #scan}, at who is new since: for who needs two and no more. */
    ProcScan second() {
      if (second == null) {
        second = scan().again(foreign);
      }
      return second;
    }
  }

  /** A pursuit, and when its next step is due, in {@link System#nanoTime}. */
  private static final class Followed {
    final Pursuit pursuit;
    long due;

    Followed(Pursuit pursuit, long due) {
      this.pursuit = pursuit;
      this.due = due;
    }
  }

  private final BootClock clock;
  private final Signals signals;
  private final ForeignProcesses foreign = new ForeignProcesses();
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
    List<Followed> current = new ArrayList<>();
    try {
      while (!closed) {
        wake.drainPermits();
        long began = System.nanoTime();
        for (Pursuit next = added.poll(); next != null; next = added.poll()) {
          current.add(new Followed(next, began));
        }
        round(current, began);
        if (current.isEmpty()) {
          wake.acquire();
        } else {
          rest(current, began);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void rest(List<Followed> current, long began) throws InterruptedException {
    long ended = System.nanoTime();
    long least = Math.min(Math.max(ended - began, SHORTEST_REST_NANOS), LONGEST_REST_NANOS);
    TimeUnit.NANOSECONDS.sleep(least);
    long next = Long.MAX_VALUE;
    for (Followed followed : current) {
      next = Math.min(next, followed.due - ended);
    }
    boolean ignored = wake.tryAcquire(next - least, TimeUnit.NANOSECONDS);
  }

  private void round(List<Followed> current, long began) throws InterruptedException {
    Round round = new Round(clock.now(), signals, foreign);
    current.removeIf(followed -> followed.due - began <= 0 && stepSafely(followed, round));
    try {
      signals.send();
    } catch (java.io.IOException e) {
      log("signals were not sent, and will be again", e);
    }
  }

  private boolean stepSafely(Followed followed, Round round) {
    Pursuit pursuit = followed.pursuit;
    boolean done = false;
    try {
      done = pursuit.step(round);
    } catch (RuntimeException e) {
      log("a step failed, and will be repeated: " + pursuit, e);
    }
    followed.due = System.nanoTime() + pursuit.pause().toNanos();
    return done;
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
