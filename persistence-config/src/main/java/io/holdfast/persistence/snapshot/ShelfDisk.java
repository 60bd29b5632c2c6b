package io.holdfast.persistence.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * What {@link FileShelf} does to the disk. It stands by itself so that a test can see in which
 * order; a killed process leaves the same whether anything was forced or not.
 */
interface ShelfDisk {
  /** A file that is being written. */
  interface File extends AutoCloseable {
    /** Writes all of it. */
    void write(ByteBuffer[] parts) throws IOException;

    /** Returns once everything written before is on disk. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Makes a file, or empties the one that is there. */
  File create(Path file) throws IOException;

  /** Gives a file another name, in one step. */
  void move(Path from, Path to) throws IOException;

  /** Returns once the names in a folder are on disk. */
  void force(Path folder) throws IOException;

  /** The disk itself. */
  ShelfDisk REAL =
      new ShelfDisk() {
        @Override
        public File create(Path file) throws IOException {
          FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.TRUNCATE_EXISTING);
          return new File() {
            @Override
            public void write(ByteBuffer[] parts) throws IOException {
              while (parts[parts.length - 1].hasRemaining()) {
                channel.write(parts);
              }
            }

            @Override
            public void force() throws IOException {
              channel.force(true);
            }

            @Override
            public void close() throws IOException {
              channel.close();
            }
          };
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
      };
}
