package io.holdfast.bench;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What the machine can do at most: start {@code /bin/true} and wait for it, nothing else. */
final class BareLoop {
  private BareLoop() {}

  /** Starts per second. */
  static double starts(int count, int parallel) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(count);
    CountDownLatch done = new CountDownLatch(parallel);
    long begin = System.nanoTime();
    for (int i = 0; i < parallel; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (left.getAndDecrement() > 0) {
                    new ProcessBuilder("/bin/true").start().waitFor();
                  }
                } catch (IOException e) {
                  throw new IllegalStateException("cannot start /bin/true", e);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                } finally {
                  done.countDown();
                }
              },
              "bare-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    done.await();
    return count / ((System.nanoTime() - begin) / 1e9);
  }
}
