package io.holdfast.agent.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * One stream of a task's output, kept within its quota. The job appends to the file; whatever is
 * beyond the quota is cut off while it runs, and the job notices nothing. When nothing of the task
 * lives any more, a line at the end says which bytes are missing.
 *
 * <p>Hard state: the stream's file, and beside it {@code <stream>.cut}: {@code DROPPED open|final}.
 * The count is written before the cut: a crash between the two may count bytes twice, and what is
 * written between the look and the cut is not counted. So it is named as an estimate.
 *
 * <p>Threading: any; cuts are made one at a time. Errors: {@link UncheckedIOException}.
 */
public final class TaskOutput {

  private static final Object ONE_AT_A_TIME = new Object();
  private static final String FINAL = "final";

  private final Path file;
  private final Path record;
  private final long quota;

  private record Cut(long dropped, boolean last) {}

  private TaskOutput(Path file, long quota) {
    this.file = file;
    this.record = file.resolveSibling(file.getFileName() + ".cut");
    this.quota = quota;
  }

  /** A stream in a task's directory; the quota is what the task was created with. */
  public static TaskOutput of(Path stream) {
    long quota =
        Records.read(stream.resolveSibling(TaskDirectory.QUOTA))
            .map(Long::parseLong)
            .orElse(Long.MAX_VALUE);
    return new TaskOutput(stream, quota);
  }

  /** How many bytes there are to be read that will not be taken back. */
  public long readable() {
    long size = size();
    return size <= quota || cut().filter(Cut::last).isPresent() ? size : quota;
  }

  /** How many bytes were dropped so far, by estimate. */
  public long dropped() {
    return cut().map(Cut::dropped).orElse(0L);
  }

  /** Cuts off what a running job has written beyond the quota; returns how much. */
  long trim() {
    synchronized (ONE_AT_A_TIME) {
      long excess = size() - quota;
      if (excess <= 0 || cut().filter(Cut::last).isPresent()) {
        return 0;
      }
      Records.replace(record, dropped() + excess + " open");
      truncateAndAppend("");
      return excess;
    }
  }

  /** When nothing writes any more: makes what is there final. May be repeated. */
  public void finish() {
    synchronized (ONE_AT_A_TIME) {
      Optional<Cut> before = cut();
      long excess = Math.max(0, size() - quota);
      if (before.isEmpty() && excess == 0) {
        return;
      }
      long dropped = before.filter(Cut::last).map(Cut::dropped).orElseGet(() -> dropped() + excess);
      String marker = marker(dropped);
      if (before.filter(Cut::last).isPresent() && size() == quota + marker.length()) {
        return;
      }
      Records.replace(record, dropped + " " + FINAL);
      truncateAndAppend(marker);
    }
  }

  private String marker(long dropped) {
    return String.format(
        "%n[holdfast: over the output quota of %d bytes; bytes %d to %d or so were dropped]%n",
        quota, quota, quota + dropped - 1);
  }

  private void truncateAndAppend(String text) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(quota);
      channel.position(channel.size());
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<Cut> cut() {
    return Records.read(record)
        .map(line -> line.split(" "))
        .map(words -> new Cut(Long.parseLong(words[0]), words[1].equals(FINAL)));
  }

  private long size() {
    try {
      return Files.size(file);
    } catch (NoSuchFileException none) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
