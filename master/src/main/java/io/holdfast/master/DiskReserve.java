package io.holdfast.master;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Room on the master's disk that new work must leave for the work that is under way: its ends, its
 * output and orders to cancel are written too, until the journal stops ({@code
 * holdfast.journal.leveldb.min-free-space}). Looks at each question; state: none.
 *
 * @param least in bytes; with less free no job and no run is taken
 */
record DiskReserve(Path data, long least) {

  /** Why nothing new can be taken now, if so. */
  Optional<String> refusal() {
    // 0 where it cannot be read: then nothing could be written either.
    long free = data.toFile().getUsableSpace();
    return free >= least
        ? Optional.empty()
        : Optional.of(
            "The disk of the master's data in "
                + data
                + " is nearly full: "
                + (free >> 20)
                + " MiB free, new work needs "
                + (least >> 20)
                + " MiB (holdfast.master.min-free-space). Make room; what is under way goes on.");
  }
}
