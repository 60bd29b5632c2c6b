package io.holdfast.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds a journal's directory for one actor system, against others of this process and other
 * processes. It lasts until {@link #close()} or the end of the process, however that comes.
 *
 * <p>LevelDB has a lock of its own, but answers with an error that tells nobody what to do. And
 * POSIX drops a process's lock when it closes any descriptor of the file, so a second attempt
 * inside the process must be stopped before it opens it.
 */
final class JournalLock implements AutoCloseable {
  static final String FILE = "holdfast.lock";

  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private JournalLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /** Creates the directory when it is missing, and locks it. */
  static JournalLock acquire(Path wanted) {
    JournalRepair.finish(wanted);
    Path directory = prepare(wanted);
    if (!HELD.add(directory)) {
      throw inUse(directory, "another actor system of this process uses it");
    }
    try {
      FileChannel channel = lock(directory.resolve(FILE), directory);
      return new JournalLock(directory, channel);
    } catch (IOException e) {
      HELD.remove(directory);
      throw new JournalUnavailableException(
          "The journal directory %s cannot be locked: %s.".formatted(directory, e), e);
    } catch (RuntimeException e) {
      HELD.remove(directory);
      throw e;
    }
  }

  /**
   * Keeps writers out of a directory while it is read, and changes nothing in it. A copy that was
   * made without the file of the lock has no writers.
   *
   * @throws JournalUnavailableException when somebody writes
   */
  static JournalLock forReading(Path wanted) {
    Path directory;
    try {
      directory = wanted.toRealPath();
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The journal directory %s cannot be read: %s.".formatted(wanted, e), e);
    }
    if (!HELD.add(directory)) {
      throw inUse(directory, "this process uses it already");
    }
    Path file = directory.resolve(FILE);
    try {
      FileChannel channel =
          Files.exists(file) ? FileChannel.open(file, StandardOpenOption.READ) : null;
      if (channel != null && channel.tryLock(0, Long.MAX_VALUE, true) == null) {
        String by = "another process uses it (process id %s)".formatted(holder(channel));
        channel.close();
        throw inUse(directory, by);
      }
      return new JournalLock(directory, channel);
    } catch (IOException e) {
      HELD.remove(directory);
      throw new JournalUnavailableException(
          "The journal directory %s cannot be locked: %s.".formatted(directory, e), e);
    } catch (RuntimeException e) {
      HELD.remove(directory);
      throw e;
    }
  }

  private static Path prepare(Path wanted) {
    try {
      Files.createDirectories(wanted);
      Path directory = wanted.toRealPath();
      if (!Files.isWritable(directory)) {
        throw new JournalUnavailableException(
            "The journal directory %s is not writable for user %s. Give it to that user, or set %s.dir to another one."
                .formatted(directory, System.getProperty("user.name"), JournalSettings.SECTION));
      }
      return directory;
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The journal directory %s cannot be made (%s). Set %s.dir to a directory that this process may write to."
              .formatted(wanted, e, JournalSettings.SECTION),
          e);
    }
  }

  private static FileChannel lock(Path file, Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(
            directory, "another process uses it (process id %s)".formatted(holder(channel)));
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    int length = channel.read(text, 0);
    return length > 0 ? new String(text.array(), 0, length, StandardCharsets.US_ASCII) : "unknown";
  }

  private static JournalUnavailableException inUse(Path directory, String by) {
    return new JournalUnavailableException(
        "The journal directory %s is in use: %s. Stop that one first, or set %s.dir to another directory."
            .formatted(directory, by, JournalSettings.SECTION));
  }

  /** The directory, with symbolic links resolved. */
  Path directory() {
    return directory;
  }

  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The lock on journal directory %s could not be closed: %s.".formatted(directory, e), e);
    } finally {
      HELD.remove(directory);
    }
  }
}
