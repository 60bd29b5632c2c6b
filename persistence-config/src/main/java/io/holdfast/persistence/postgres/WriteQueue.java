package io.holdfast.persistence.postgres;

import io.holdfast.persistence.JournalBusyException;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.postgres.WriteRequest.Append;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What waits for the writer, within bounds. Soft state; thread-safe. What is in it when it is
 * closed fails.
 */
final class WriteQueue {
  private final PostgresSettings settings;
  private final Deque<WriteRequest> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  WriteQueue(PostgresSettings settings) {
    this.settings = settings;
  }

  /** Takes a request, or fails it. */
  void put(WriteRequest request) {
    RuntimeException refusal = offer(request);
    if (refusal != null) {
      request.fail(refusal);
    }
  }

  private synchronized RuntimeException offer(WriteRequest request) {
    if (closed) {
      return new JournalUnavailableException("The journal in " + settings.url() + " is closed.");
    }
    if (waiting.size() >= settings.maxWaitingWrites()) {
      return busy("max-waiting-writes", settings.maxWaitingWrites());
    }
    // One large request alone may always wait.
    if (!waiting.isEmpty() && bytes + request.bytes() > settings.maxWaitingBytes()) {
      return busy("max-waiting-bytes", settings.maxWaitingBytes());
    }
    waiting.add(request);
    bytes += request.bytes();
    notifyAll();
    return null;
  }

  private static JournalBusyException busy(String setting, long bound) {
    return new JournalBusyException(
        "Too much waits to be written: %s.%s is %d."
            .formatted(PostgresSettings.SECTION, setting, bound));
  }

  /**
   * Waits for something to do: a deletion, or writes of different persistence ids that fit into one
   * commit. Empty when the queue is closed and there is nothing left.
   */
  synchronized List<WriteRequest> take() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    List<WriteRequest> taken = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    long size = 0;
    while (!waiting.isEmpty() && size < settings.maxBatchBytes()) {
      WriteRequest next = waiting.peek();
      boolean alone = !(next instanceof Append);
      if (!taken.isEmpty() && (alone || ids.contains(next.id()))) {
        break;
      }
      taken.add(waiting.remove());
      ids.add(next.id());
      size += next.bytes();
      bytes -= next.bytes();
      if (alone) {
        break;
      }
    }
    return taken;
  }

  /** No more is taken; what waits fails. */
  void close() {
    List<WriteRequest> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(waiting);
      waiting.clear();
      bytes = 0;
      notifyAll();
    }
    left.forEach(
        request ->
            request.fail(
                new JournalUnavailableException(
                    "The journal in " + settings.url() + " is closed.")));
  }
}
