package io.holdfast.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * How files are written that must be there after the power has failed: what is in them first, then
 * their name. It stands by itself so that a test can see what is forced when: a killed process
 * leaves the same whether anything was forced or not.
 */
public interface Disk {
  /** An open file. */
  interface File extends AutoCloseable {
    /** Writes all of these, one behind the other. */
    void write(long at, ByteBuffer... parts) throws IOException;

    /** Returns once everything written before is on disk. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Makes a file, or empties the one that is there. */
  File create(Path file) throws IOException;

  /** Opens a file whose size stays as it is. */
  File open(Path file) throws IOException;

  /** Gives a file another name, in one step. */
  void move(Path from, Path to) throws IOException;

  /** Returns once the names in a folder are on disk. */
  void force(Path folder) throws IOException;

  /**
   * Puts a file in the place of the one that is there, if any: whenever the power fails, it is that
   * one or this, and afterwards this.
   *
   * @param fresh what it is called in the same folder until it is whole; deleted if it never is
   */
  default void replace(Path file, Path fresh, ByteBuffer... parts) throws IOException {
    try (File out = create(fresh)) {
      out.write(0, parts);
      out.force();
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
    move(fresh, file);
    force(file.toAbsolutePath().getParent());
  }

  /** The disk itself. */
  Disk REAL =
      new Disk() {
        @Override
        public File create(Path file) throws IOException {
          return file(
              true,
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
        }

        @Override
        public File open(Path file) throws IOException {
          return file(false, file, StandardOpenOption.WRITE);
        }

        @Override
        public void move(Path from, Path to) throws IOException {
          Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void force(Path folder) throws IOException {
          try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
          }
        }

        private File file(boolean metadata, Path file, OpenOption... options) throws IOException {
          FileChannel channel = FileChannel.open(file, options);
          return new File() {
            @Override
            public void write(long at, ByteBuffer... parts) throws IOException {
              long next = at;
              for (ByteBuffer part : parts) {
                while (part.hasRemaining()) {
                  next += channel.write(part, next);
                }
              }
            }

            @Override
            public void force() throws IOException {
              channel.force(metadata);
            }

            @Override
            public void close() throws IOException {
              channel.close();
            }
          };
        }
      };
}
