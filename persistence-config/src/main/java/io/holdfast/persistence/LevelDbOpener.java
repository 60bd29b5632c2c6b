package io.holdfast.persistence;

import java.io.File;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import org.fusesource.leveldbjni.JniDBFactory;
import org.iq80.leveldb.CompressionType;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.impl.Iq80DBFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a LevelDB in a directory: with the native library, or the one written in Java. Both read
 * each other's files.
 */
interface LevelDbOpener {

  /**
   * Opens what is there, or makes a new one. The options ask for checksums and no compression
   * (which only one has).
   */
  DB open(File directory) throws IOException;

  /** The native one where it is wanted and loads; says in the log which one it is. */
  static LevelDbOpener choose(boolean preferNative) {
    Logger log = LoggerFactory.getLogger(LevelDbOpener.class);
    if (!preferNative) {
      log.info(
          "Using the LevelDB written in Java, as {}.native = off says.", JournalSettings.SECTION);
      return pureJava();
    }
    try {
      LevelDbOpener opener = nativeLibrary();
      log.info("Using the native LevelDB library, leveldbjni {}.", JniDBFactory.VERSION);
      return opener;
    } catch (LinkageError | RuntimeException e) {
      log.warn(
          "The native LevelDB library cannot be loaded, using the slower one written in Java. "
              + "Set {}.native = off to make that the choice.",
          JournalSettings.SECTION,
          e);
      return pureJava();
    }
  }

  /**
   * leveldbjni.
   *
   * @throws LinkageError when the library does not load on this machine
   */
  static LevelDbOpener nativeLibrary() {
    JniDBFactory factory = JniDBFactory.factory;
    UnpackedLibrary.delete();
    return directory -> factory.open(directory, options());
  }

  /**
   * org.iq80.leveldb, without its memory-mapped log: that one leaves what crosses the end of a
   * mapping unsynced, and on a full disk it faults instead of failing.
   */
  static LevelDbOpener pureJava() {
    // Read once by the library, when its class is loaded.
    System.setProperty("leveldb.mmap", "false");
    if (Iq80DBFactory.USE_MMAP) {
      throw new JournalUnavailableException(
          "The LevelDB written in Java was loaded with memory-mapped files, which lose what should be on disk. "
              + "Start the process with -Dleveldb.mmap=false.");
    }
    return directory -> {
      try {
        return Iq80DBFactory.factory.open(directory, options());
      } catch (OverlappingFileLockException e) {
        // Opening it failed before, in this process, and the library did not give its lock back.
        // JournalLock says that it is not
        // in use; on another file there is no such lock.
        Files.deleteIfExists(directory.toPath().resolve("LOCK"));
        return Iq80DBFactory.factory.open(directory, options());
      }
    };
  }

  private static Options options() {
    return new Options()
        .createIfMissing(true)
        .verifyChecksums(true)
        .compressionType(CompressionType.NONE);
  }
}
