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
 * What {@link HighWater} does to the disk. It stands by itself so that a test can see what is
 * forced when: a killed process leaves the same whether anything was forced or not.
 */
interface HighWaterDisk {
  /** An open file. */
  interface File extends AutoCloseable {
    /** Writes all of it. */
    void write(ByteBuffer bytes, long at) throws IOException;

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

  /** The disk itself. */
  HighWaterDisk REAL =
      new HighWaterDisk() {
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
            public void write(ByteBuffer bytes, long at) throws IOException {
              while (bytes.hasRemaining()) {
                channel.write(bytes, at + bytes.position());
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
