package io.holdfast.protocol.task;

import java.util.Objects;

/**
 * Which process a task became. A pid alone may be somebody else's by now (R10).
 *
 * @param pid of the wrapper that waits for the job
 * @param startTicks when it started, in clock ticks since boot
 * @param bootId of the system that it started on
 */
public record ProcessInfo(long pid, long startTicks, String bootId) {
  public ProcessInfo {
    Objects.requireNonNull(bootId, "bootId");
  }
}
