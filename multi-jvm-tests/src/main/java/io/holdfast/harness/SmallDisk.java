package io.holdfast.harness;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file system of its own, in memory, that can be filled, emptied and enlarged while programs use
 * it. Mounting it needs root. It is unmounted with its {@link LocalSystem}, or when this JVM ends.
 */
public final class SmallDisk implements AutoCloseable {
  private static final int BLOCK = 4096;
  private static final Set<SmallDisk> MOUNTED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> MOUNTED.forEach(SmallDisk::detach), "small-disk-unmount"));
  }

  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Whether disks can be mounted here. */
  public static boolean isPossible() {
    try {
      Path folder = Files.createTempDirectory("holdfast-small-disk-");
      try (SmallDisk trial = mount(folder, 1 << 20)) {
        return trial.free() > 0;
      } catch (IllegalStateException refused) {
        return false;
      } finally {
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Mounts one over {@code folder}, which is made if it is not there.
   *
   * @throws IllegalStateException where that is not allowed
   */
  public static SmallDisk mount(Path folder, long bytes) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SmallDisk disk = new SmallDisk(folder);
    disk.run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "holdfast-test", folder.toString());
    MOUNTED.add(disk);
    return disk;
  }

  /** Gives it another size; what is on it stays. */
  public void resize(long bytes) {
    run("mount", "-o", "remount,size=" + bytes, folder.toString());
  }

  /** Bytes that can still be written. */
  public long free() {
    return folder.toFile().getUsableSpace();
  }

  /** Fills it until no more than {@code rest} bytes are free; 0: to the last byte. */
  public void fill(long rest) {
    byte[] block = new byte[BLOCK];
    try (OutputStream out =
        Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (rest == 0 || free() > rest) {
        out.write(block);
      }
    } catch (IOException full) {
      if (free() > 0) {
        throw new UncheckedIOException(full);
      }
    }
  }

  /** Takes away what {@link #fill} has put there. */
  public void empty() {
    try {
      Files.deleteIfExists(filler());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path filler() {
    return folder.resolve("filler");
  }

  /** Unmounts it; nobody may use it any more. */
  @Override
  public void close() {
    run("umount", folder.toString());
    MOUNTED.remove(this);
  }

  /** Also from under who uses it. */
  private void detach() {
    run("umount", "-l", folder.toString());
  }

  private void run(String... command) {
    try {
      Process process =
          new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("refused: " + String.join(" ", command));
      }
    } catch (IOException e) {
      throw new IllegalStateException("not possible: " + String.join(" ", command), e);
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }
}
