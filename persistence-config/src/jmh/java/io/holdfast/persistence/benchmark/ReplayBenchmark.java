package io.holdfast.persistence.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * How long it takes per event until actors have recovered all of {@value #EVENTS} events: one actor
 * that has all of them, or a thousand with a hundred each. The journal was closed and opened again
 * in between, the files are in the memory of the operating system.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplayBenchmark {
  static final int EVENTS = 100_000;

  private static final int AT_ONCE = 100;

  @Param public Journal journal;

  @Param({"1", "1000"})
  public int actors;

  private Bed bed;
  private Load load;

  /** Writes the events, a hundred in each write, and opens the journal anew. */
  @Setup
  public void fill() throws InterruptedException {
    try (Bed filling = Bed.open(journal)) {
      Load writing = filling.recover(actors);
      filling.begin(AT_ONCE, EVENTS / actors);
      writing.awaitEnded();
    }
    bed = Bed.open(journal);
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void recover() throws InterruptedException {
    load = bed.recover(actors);
  }

  /** Ends the actors, so that no id has two. */
  @TearDown(Level.Invocation)
  public void end() throws InterruptedException {
    if (load.replayed() != EVENTS) {
      throw new IllegalStateException("%d events were replayed".formatted(load.replayed()));
    }
    load.stop();
    bed.begin(1, 0);
    load.awaitEnded();
  }

  @TearDown
  public void close() {
    bed.close();
  }
}
