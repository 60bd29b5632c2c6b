package io.holdfast.master.log;

import io.holdfast.protocol.id.ExecutionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The output of executions on the master's disk: one file a stream, whose length is the offset up
 * to which it is here. Hard state; thread-safe, one writer per file.
 */
public final class LogStore {
  private final Path root;
  private final ConcurrentHashMap<ExecutionId, CompletableFuture<Void>> changes =
      new ConcurrentHashMap<>();

  public LogStore(Path root) {
    this.root = root;
  }

  /** One of the two streams of a task. */
  public enum Stream {
    STDOUT("stdout"),
    STDERR("stderr");

    private final String word;

    Stream(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  private Path file(ExecutionId execution, Stream stream) {
    return root.resolve(execution.job().value())
        .resolve(Long.toString(execution.run().number()))
        .resolve(execution.attempt() + "." + stream.word());
  }

  /** How much of it is here. */
  public long size(ExecutionId execution, Stream stream) {
    try {
      return Files.size(file(execution, stream));
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Adds {@code bytes} at {@code offset}, durably.
   *
   * @throws IOException if that is not where the file ends, or the disk does not take it
   */
  void append(ExecutionId execution, Stream stream, long offset, ByteBuffer bytes)
      throws IOException {
    Path file = file(execution, stream);
    Files.createDirectories(file.getParent());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (channel.size() != offset) {
        throw new IOException(
            file + " is " + channel.size() + " bytes long, cannot add at " + offset);
      }
      while (bytes.hasRemaining()) {
        channel.write(bytes, offset + bytes.position());
      }
      channel.force(false);
    }
    changed(execution);
  }

  /** Up to {@code most} bytes from {@code offset}; empty where there is nothing (yet). */
  public byte[] read(ExecutionId execution, Stream stream, long offset, int most)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file(execution, stream), StandardOpenOption.READ)) {
      long there = Math.max(0, channel.size() - offset);
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, there));
      int read = 0;
      while (buffer.hasRemaining() && read >= 0) {
        read = channel.read(buffer, offset + buffer.position());
      }
      return Arrays.copyOf(buffer.array(), buffer.position());
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }

  /** Completes at the next change; ask for it before looking, so that none is missed. */
  public CompletionStage<Void> nextChange(ExecutionId execution) {
    return changes.computeIfAbsent(execution, id -> new CompletableFuture<>());
  }

  /** Wakes who waits for this execution: more output, or no more to come. */
  public void changed(ExecutionId execution) {
    CompletableFuture<Void> waiting = changes.remove(execution);
    if (waiting != null) {
      waiting.complete(null);
    }
  }
}
