package io.holdfast.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The disk, with a gate before each force of the open mark, and a list of what was done to it: an
 * entry's commit is told by its place, so it holds for the first {@link HighWater#SLOTS} commits.
 */
final class ObservedDisk implements Disk {
  /** What was done, and what a test adds to it, in its order. */
  final List<String> steps = new CopyOnWriteArrayList<>();

  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile boolean failing;

  void shut() {
    gate = new CountDownLatch(1);
  }

  void letThrough() {
    gate.countDown();
  }

  /** Whether a force fails. */
  void fail(boolean whether) {
    failing = whether;
  }

  @Override
  public File create(Path file) throws IOException {
    return observed(file.getFileName() + " ", REAL.create(file), false);
  }

  @Override
  public File open(Path file) throws IOException {
    return observed("", REAL.open(file), true);
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    REAL.move(from, to);
    steps.add("moved to " + to.getFileName());
  }

  @Override
  public void force(Path folder) throws IOException {
    REAL.force(folder);
    steps.add("folder forced");
  }

  private File observed(String name, File real, boolean isGated) {
    return new File() {
      @Override
      public void write(long at, ByteBuffer... parts) throws IOException {
        real.write(at, parts);
        steps.add(name + "written " + at / HighWaterSectors.BYTES);
      }

      @Override
      public void force() throws IOException {
        if (isGated) {
          steps.add("about to force");
          pass();
        }
        real.force();
        steps.add(name + "forced");
      }

      @Override
      public void close() throws IOException {
        real.close();
      }
    };
  }

  private void pass() throws IOException {
    try {
      if (!gate.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("the gate stayed shut");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    if (failing) {
      throw new IOException("Input/output error");
    }
  }
}
