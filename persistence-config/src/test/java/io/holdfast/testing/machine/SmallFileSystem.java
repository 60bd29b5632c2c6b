package io.holdfast.testing.machine;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A file system of its own in memory, over an empty folder, that a test can fill. */
public final class SmallFileSystem implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Path folder;

  private SmallFileSystem(Path folder) {
    this.folder = folder;
  }

  /**
   * Mounts one; where that is not allowed, the test is skipped.
   *
   * @param size as mount takes it: "48m"
   */
  public static SmallFileSystem over(Path folder, String size) {
    boolean isMounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + size, "holdfast-test", folder.toString());
    Needed.requireMount(isMounted, "a file system of " + size);
    return new SmallFileSystem(folder);
  }

  /** Fills it to the last byte. */
  public void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler())) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      if (folder.toFile().getUsableSpace() > 0) {
        throw full;
      }
    }
  }

  /** Takes away what {@link #fill} has put there. */
  public void empty() throws IOException {
    Files.deleteIfExists(filler());
  }

  private Path filler() {
    return folder.resolve("filler");
  }

  /** Unmounts it, once nobody uses it any more. */
  @Override
  public void close() {
    await().atMost(SOON).until(() -> run("umount", folder.toString()));
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
