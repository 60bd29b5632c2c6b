package io.holdfast.persistence.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Events per second that actors persist, each waiting for its acknowledgement before it writes the
 * next. They write all the time, also between iterations; an iteration counts what is acknowledged
 * while it lasts. The figure is that of the counter {@code events}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class WriteBenchmark {
  private static final long WINDOW_MILLIS = 50;

  @Param public Journal journal;

  @Param({"1", "16", "256", "4096"})
  public int actors;

  private Bed bed;
  private Load load;

  /** What was acknowledged in an iteration. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Events {
    public long events;
  }

  /** All have recovered before the first one writes: recoveries would wait behind writes. */
  @Setup
  public void start() throws InterruptedException {
    bed = Bed.open(journal);
    load = bed.recover(actors);
    bed.begin(1, Long.MAX_VALUE);
  }

  /** Lets a little time pass, and counts. */
  @Benchmark
  public void window(Events counter) throws InterruptedException {
    long before = load.acknowledged();
    TimeUnit.MILLISECONDS.sleep(WINDOW_MILLIS);
    counter.events += load.acknowledged() - before;
  }

  /** What was counted must be what the actors have in their journals. */
  @TearDown
  public void stop() throws InterruptedException {
    try {
      load.stop();
      load.awaitEnded();
      if (load.acknowledged() != load.inJournal()) {
        throw new IllegalStateException(
            "%d events were acknowledged, and the actors have %d"
                .formatted(load.acknowledged(), load.inJournal()));
      }
    } finally {
      bed.close();
    }
  }
}
