package io.holdfast.harness;

import java.nio.file.Path;

/** Starts two nodes, tells their pids, and waits to be killed. */
public final class FakeParent {
  private FakeParent() {}

  public static void main(String[] configs) throws InterruptedException {
    StringBuilder pids = new StringBuilder("children");
    for (String config : configs) {
      JvmProcess child =
          JvmLaunch.of("child", FakeNode.PROGRAM, Path.of(config + ".log"))
              .arguments("--config", config)
              .start();
      child.awaitLine(
          java.util.regex.Pattern.compile("is ready"), java.time.Duration.ofSeconds(60));
      pids.append(' ').append(child.pid());
    }
    System.out.println(pids);
    Thread.currentThread().join();
  }
}
