package io.holdfast.persistence;

import java.io.IOException;

/**
 * Ends this process when the one that started it is gone, where {@code HOLDFAST_EXIT_WITH_PARENT}
 * is set: standard input, a pipe from the parent, then comes to its end. The tasks go on; the
 * guardian stops them when their lease is over.
 */
public final class ParentWatch {
  private ParentWatch() {}

  /** Starts to watch, if that is wanted. */
  public static void start() {
    if (System.getenv("HOLDFAST_EXIT_WITH_PARENT") == null) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // What the parent writes means nothing; only that it is there does.
                }
              } catch (IOException e) {
                // As good as the end of it.
              }
              System.exit(0);
            },
            "holdfast-parent-watch");
    thread.setDaemon(true);
    thread.start();
  }
}
