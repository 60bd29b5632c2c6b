package io.holdfast.agent;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Room on the disk that new tasks must leave for those that run: their ends, and the refusals
 * themselves, are written to the journal, which stops a little later ({@code
 * holdfast.journal.leveldb.min-free-space}). Looks at each question; state: none.
 *
 * @param least in bytes; with less free no task is started
 */
record DiskReserve(Path data, long least) {

  /** Why no task can be started now, if so. */
  Optional<String> refusal() {
    // 0 where it cannot be read: then nothing could be written either.
    long free = data.toFile().getUsableSpace();
    return free >= least
        ? Optional.empty()
        : Optional.of(
            "the disk of the agent's data in "
                + data
                + " is nearly full: "
                + (free >> 20)
                + " MiB free, a new task needs "
                + (least >> 20)
                + " MiB (holdfast.agent.min-free-space)");
  }
}
