package io.holdfast.persistence;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data directory of a master or an agent: taken by one process at a time, and with an id that
 * is made when the directory is, and gone with it (R3: a wiped directory is a new one).
 */
public final class DataDirectory implements AutoCloseable {
  // Reachable as long as the process lives: a channel that is collected lets go of its lock.
  private static final Set<DataDirectory> HELD = ConcurrentHashMap.newKeySet();

  private final FileChannel channel;
  private final String journalId;

  private DataDirectory(FileChannel channel, String journalId) {
    this.channel = channel;
    this.journalId = journalId;
  }

  /**
   * Takes the directory, and makes it if it is not there.
   *
   * @param owner whose it is, such as {@code agent-1}; another's is refused
   * @throws JournalException saying what is wrong and what to do
   */
  public static DataDirectory open(Path path, String kind, String owner) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new JournalException("cannot make the data directory " + path + ": " + words(e), e);
    }
    FileChannel channel = lock(path, kind);
    try {
      DataDirectory directory = new DataDirectory(channel, identity(path, kind, owner));
      HELD.add(directory);
      return directory;
    } catch (IOException e) {
      throw new JournalException("cannot use the data directory " + path + ": " + words(e), e);
    }
  }

  private static FileChannel lock(Path path, String kind) {
    Path file = path.resolve("lock");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock != null) {
        return channel;
      }
      channel.close();
    } catch (IOException e) {
      throw new JournalException("cannot write to the data directory " + path + ": " + words(e), e);
    }
    throw new JournalException(
        "the data directory "
            + path
            + " is used by another process: stop that "
            + kind
            + ", or give this one a directory of its own",
        null);
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String identity(Path path, String kind, String owner) throws IOException {
    Path file = path.resolve("identity");
    if (!Files.exists(file)) {
      Path fresh = path.resolve("identity.new");
      Files.writeString(fresh, kind + " " + owner + " " + UUID.randomUUID() + "\n");
      try (FileChannel sync = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        sync.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    String[] words = Files.readString(file).trim().split(" ");
    if (words.length != 3 || !words[0].equals(kind) || !words[1].equals(owner)) {
      throw new JournalException(
          "the data directory "
              + path
              + " belongs to "
              + String.join(" ", words)
              + ", not to "
              + kind
              + " "
              + owner
              + ": give this one a directory of its own",
          null);
    }
    return words[2];
  }

  private static String words(IOException e) {
    return e instanceof AccessDeniedException
        ? "no permission; make it writable for user " + System.getProperty("user.name")
        : e.toString();
  }

  /** One life of this directory. */
  public String journalId() {
    return journalId;
  }

  /** Lets go of the directory; the process that ends does it too. */
  @Override
  public void close() throws IOException {
    HELD.remove(this);
    channel.close();
  }
}
