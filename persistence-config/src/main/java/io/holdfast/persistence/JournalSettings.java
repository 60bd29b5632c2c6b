package io.holdfast.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of the embedded journal, from the section {@value #SECTION}; {@code reference.conf}
 * describes each.
 *
 * @param directory where the journal is; nothing else may be in there
 * @param preferNative whether to use the native library where it loads
 * @param minFreeSpace bytes that are left free on the disk; 0 (tests only) looks at nothing
 * @param maxWaitingWrites most atomic writes that wait for a commit
 * @param maxWaitingBytes most bytes of events that wait for a commit
 * @param maxBatchBytes a commit takes no further writes once it has this many bytes
 * @param maxEventBytes an event that is larger when serialized is rejected
 * @param readThreads threads for replays and queries
 * @param maxWaitingReads most replays and queries that wait for a thread
 * @param closeTimeout how long closing waits for what is under way
 */
record JournalSettings(
    Path directory,
    boolean preferNative,
    long minFreeSpace,
    int maxWaitingWrites,
    long maxWaitingBytes,
    long maxBatchBytes,
    int maxEventBytes,
    int readThreads,
    int maxWaitingReads,
    Duration closeTimeout) {

  static final String SECTION = "holdfast.journal.leveldb";

  private static final long LEAST_FREE_SPACE = 16 << 20;

  JournalSettings {
    requirePositive(maxWaitingWrites, "max-waiting-writes");
    requirePositive(maxWaitingBytes, "max-waiting-bytes");
    requirePositive(maxBatchBytes, "max-batch-bytes");
    requirePositive(maxEventBytes, "max-event-bytes");
    requirePositive(readThreads, "read-threads");
    requirePositive(maxWaitingReads, "max-waiting-reads");
  }

  /** Reads the section of the actor system's whole configuration. */
  static JournalSettings of(Config system) {
    if (!system.hasPath(SECTION)) {
      throw new ConfigException.Missing(SECTION);
    }
    Config config = system.getConfig(SECTION);
    if (!config.hasPath("dir") || config.getString("dir").isBlank()) {
      throw new ConfigException.Generic(
          "Set %s.dir to the directory of the journal, one that no other process uses."
              .formatted(SECTION));
    }
    return new JournalSettings(
        Path.of(config.getString("dir")).toAbsolutePath().normalize(),
        config.getBoolean("native"),
        minFreeSpace(config),
        config.getInt("max-waiting-writes"),
        config.getBytes("max-waiting-bytes"),
        config.getBytes("max-batch-bytes"),
        Math.toIntExact(config.getBytes("max-event-bytes")),
        config.getInt("read-threads"),
        config.getInt("max-waiting-reads"),
        config.getDuration("close-timeout"));
  }

  /** In bytes, from the journal's section. */
  static long minFreeSpace(Config config) {
    long bytes = config.getBytes("min-free-space");
    if (bytes < LEAST_FREE_SPACE) {
      throw new ConfigException.Generic(
          "%s.min-free-space is %d bytes; it must be at least 16 MiB, as a full disk costs events or the process."
              .formatted(SECTION, bytes));
    }
    return bytes;
  }

  private static void requirePositive(long value, String key) {
    if (value <= 0) {
      throw new ConfigException.Generic(
          "%s.%s is %d; it must be at least 1.".formatted(SECTION, key, value));
    }
  }
}
