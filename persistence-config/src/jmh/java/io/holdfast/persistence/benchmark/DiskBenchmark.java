package io.holdfast.persistence.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the disk can do at most: one writer, and after each write an {@code fdatasync}. To append
 * changes the length of the file, which the file system must write as well; to write over what is
 * there does not.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class DiskBenchmark {
  /** When the file is longer than this it begins anew. */
  private static final long MOST_BYTES = 64 << 20;

  /** How it is written. */
  public enum Way {
    APPEND_300(300, true),
    APPEND_4096(4096, true),
    OVERWRITE_1024(1024, false);

    private final int bytes;
    private final boolean appends;

    Way(int bytes, boolean appends) {
      this.bytes = bytes;
      this.appends = appends;
    }

    String title() {
      return (appends ? "append " : "overwrite ") + bytes + " bytes";
    }
  }

  @Param public Way way;

  private Path file;
  private FileChannel channel;
  private ByteBuffer block;

  @Setup
  public void open() throws IOException {
    file = Bed.folder().resolve("raw");
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    byte[] bytes = new byte[way.bytes];
    ThreadLocalRandom.current().nextBytes(bytes);
    block = ByteBuffer.allocateDirect(way.bytes).put(bytes);
    channel.write(block.clear());
    channel.force(true);
  }

  @Benchmark
  public void sync() throws IOException {
    if (channel.size() > MOST_BYTES) {
      channel.truncate(0);
    }
    channel.write(block.clear(), way.appends ? channel.size() : 0);
    channel.force(false);
  }

  @TearDown
  public void close() throws IOException {
    channel.close();
    Files.delete(file);
  }
}
