package io.holdfast.agent.process;

import java.nio.file.Path;

/**
 * That the guardian holds the tasks of a master with SIGSTOP, because it cannot tell whether their
 * lease is over (R12): the record {@code <data>/masters/<masterId>/held}, {@code SINCE BOOT_ID
 * WHY}. The guardian alone writes and deletes it.
 *
 * <p>Pure but for the read. Errors: {@link java.io.UncheckedIOException}.
 */
final class LeaseHold {

  private LeaseHold() {}

  /** Whether the two clocks disagree about the lease, and the master has not been heard since. */
  static boolean isDoubted(Path data, String masterId) {
    return Records.read(data.resolve("masters").resolve(masterId).resolve("held"))
        .map(line -> line.split(" "))
        .filter(words -> words.length == 3 && words[1].equals(BootClock.currentBootId()))
        .filter(words -> words[2].equals("doubt"))
        .isPresent();
  }
}
