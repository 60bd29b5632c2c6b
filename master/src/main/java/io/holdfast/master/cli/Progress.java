package io.holdfast.master.cli;

import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows on a terminal how far a command is that takes longer than a second: one line on stderr that
 * is written over. Elsewhere it shows nothing. For one thread.
 */
final class Progress implements Runnable, AutoCloseable {
  private static final long FIRST_NANOS = 1_000_000_000L;
  private static final long NEXT_NANOS = 200_000_000L;
  private static final int CELLS = 30;
  private static final int LOOK_EACH = 256;

  private final CliIo io;
  private final String what;
  private final long total;
  private final LongSupplier nanoTime;
  private long count;
  private long showAt;
  private boolean shown;
  private boolean over;

  /**
   * @param what is counted
   * @param total how many there are; 0: that is not known
   */
  Progress(CliIo io, String what, long total) {
    this(io, what, total, System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  Progress(CliIo io, String what, long total, LongSupplier nanoTime) {
    this.io = io;
    this.what = what;
    this.total = total;
    this.nanoTime = nanoTime;
    this.showAt = nanoTime.getAsLong() + FIRST_NANOS;
  }

  /** One more is done. */
  @Override
  public void run() {
    count++;
    if (!io.progress() || over || count % LOOK_EACH != 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (now - showAt >= 0) {
      showAt = now + NEXT_NANOS;
      shown = true;
      io.err().print("\r" + line(count, total, what));
      io.err().flush();
    }
  }

  static String line(long count, long total, String what) {
    if (total <= 0) {
      return String.format(Locale.ROOT, "%,d %s", count, what);
    }
    double part = Math.min(1, (double) count / total);
    int full = (int) (part * CELLS);
    return String.format(
        Locale.ROOT,
        "[%s%s] %3d %% of %,d %s",
        "#".repeat(full),
        " ".repeat(CELLS - full),
        (int) (part * 100),
        total,
        what);
  }

  /** Takes the line away, and shows no more: what the command says comes next. */
  @Override
  public void close() {
    over = true;
    if (shown) {
      shown = false;
      io.err().print("\r\u001b[K");
      io.err().flush();
    }
  }
}
