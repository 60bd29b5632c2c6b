package io.holdfast.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data directory of a master or an agent: taken by one process at a time, and with an id that
 * is made when the directory is, and gone with it (R3: a wiped directory is a new one). Each
 * opening leaves an owner record of its own, by which a process can tell later whether it was
 * replaced (R13).
 */
public final class DataDirectory implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final String OWNER = "owner";

  // Reachable as long as the process lives: a channel that is collected lets go of its lock.
  private static final Set<DataDirectory> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;
  private final Object lockFile;
  private final String journalId;
  private final String owner;

  private DataDirectory(Path path, FileChannel channel, String journalId, String owner)
      throws IOException {
    this.path = path;
    this.channel = channel;
    this.lockFile = keyOf(path.resolve(LOCK));
    this.journalId = journalId;
    this.owner = owner;
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
      String journalId = identity(path, kind, owner);
      String record = ProcessHandle.current().pid() + " " + UUID.randomUUID();
      replace(path, OWNER, record);
      DataDirectory directory = new DataDirectory(path, channel, journalId, record);
      HELD.add(directory);
      return directory;
    } catch (IOException e) {
      throw new JournalException("cannot use the data directory " + path + ": " + words(e), e);
    }
  }

  private static FileChannel lock(Path path, String kind) {
    Path file = path.resolve(LOCK);
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
    Optional<DirectoryIdentity> found = DirectoryIdentity.read(path);
    if (found.isEmpty()) {
      DirectoryIdentity fresh = new DirectoryIdentity(kind, owner, UUID.randomUUID().toString());
      fresh.write(path);
      return fresh.journalId();
    }
    if (!found.get().kind().equals(kind) || !found.get().owner().equals(owner)) {
      throw new JournalException(
          "the data directory "
              + path
              + " belongs to "
              + found.get()
              + ", not to "
              + kind
              + " "
              + owner
              + ": give this one a directory of its own",
          null);
    }
    return found.get().journalId();
  }

  static void replace(Path path, String name, String line) throws IOException {
    Disk.REAL.replace(
        path.resolve(name),
        path.resolve(name + ".new"),
        ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  private static Object keyOf(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /**
   * Looks whether the directory is still that of this process: a lock alone does not tell when the
   * file under it was replaced, or the volume was given to somebody else meanwhile. Blocks as long
   * as the disk does.
   */
  public Proof prove() {
    try {
      String record = Files.readString(path.resolve(OWNER)).strip();
      if (!record.equals(owner)) {
        return new Proof.Rival(
            "the data directory "
                + path
                + " has been taken over: its owner record is '"
                + record
                + "', this process wrote '"
                + owner
                + "'");
      }
      if (!Objects.equals(keyOf(path.resolve(LOCK)), lockFile)) {
        return new Proof.Rival(
            "the lock of the data directory "
                + path
                + " is another file now: it no longer keeps others out");
      }
      return new Proof.Ours();
    } catch (IOException e) {
      return new Proof.Unknown("the data directory " + path + " cannot be read: " + words(e));
    }
  }

  private static String words(IOException e) {
    return e instanceof AccessDeniedException
        ? "no permission; make it writable for user " + System.getProperty("user.name")
        : e.toString();
  }

  /** The process that has taken it, as its owner record says: no other is called so. */
  public String owner() {
    return owner;
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
