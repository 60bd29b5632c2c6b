package io.holdfast.persistence;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for the next commit: many threads put in, one takes out. Bounded by the number of
 * atomic writes and their bytes; what does not fit is turned away at once. In the order of arrival,
 * so that one actor's writes stay in order.
 */
final class CommitQueue {

  /**
   * Something for the committing thread to do; its future is completed when that is on disk, or has
   * failed.
   */
  sealed interface Item {
    CompletableFuture<?> future();
  }

  /**
   * Events to write, all or none.
   *
   * @param events in the order in which they are to be written
   * @param atomicWrites how many of Akka's atomic writes they are
   * @param bytes their size
   */
  record Write(List<Event> events, int atomicWrites, long bytes, CompletableFuture<Void> future)
      implements Item {}

  /**
   * One event, serialized.
   *
   * @param tags what it is found by; none when it was rejected
   * @param isCut whether its number may be any above the newest: see {@link JournalCut}
   */
  record Event(String id, long sequenceNr, byte[] body, Set<String> tags, boolean isCut) {
    Event(String id, long sequenceNr, byte[] body, Set<String> tags) {
      this(id, sequenceNr, body, tags, false);
    }
  }

  /** Deletes an id's events up to a number. */
  record Delete(String id, long upTo, CompletableFuture<Void> future) implements Item {}

  /** Does nothing; what was put in before it is done when its future is. */
  record Barrier(CompletableFuture<Void> future) implements Item {}

  private final String journal;
  private final int maxWrites;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Item> items = new ArrayDeque<>();
  private int writes;
  private long bytes;
  private boolean working;
  private boolean closed;

  /**
   * An empty queue.
   *
   * @param journal for error messages
   */
  CommitQueue(String journal, int maxWrites, long maxBytes) {
    this.journal = journal;
    this.maxWrites = maxWrites;
    this.maxBytes = maxBytes;
  }

  /**
   * Puts something in.
   *
   * @throws JournalBusyException when it does not fit; one that is larger than the bound fits into
   *     an empty queue
   * @throws JournalUnavailableException when the queue is closed
   */
  void put(Item item) {
    lock.lock();
    try {
      if (closed) {
        throw closedException();
      }
      if (item instanceof Write write) {
        if (writes > 0
            && (writes + write.atomicWrites() > maxWrites || bytes + write.bytes() > maxBytes)) {
          throw new JournalBusyException(
              "The journal in %s is too slow for what is asked of it: %d writes of %d bytes wait already (at most %d, %d)."
                  .formatted(journal, writes, bytes, maxWrites, maxBytes));
        }
        writes += write.atomicWrites();
        bytes += write.bytes();
      }
      items.add(item);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Puts something back that was taken and is not finished yet, closed or not. */
  void putBack(Item item) {
    lock.lock();
    try {
      items.add(item);
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing waits and nothing that was taken is still being worked on. */
  boolean isIdle() {
    lock.lock();
    try {
      return items.isEmpty() && !working && !closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is something and takes what is there, until the writes taken have {@code
   * enoughBytes}. Calling it again says that what was taken is done.
   *
   * @return empty when the queue is closed and everything has been taken
   */
  List<Item> take(long enoughBytes) throws InterruptedException {
    lock.lock();
    try {
      working = false;
      while (items.isEmpty() && !closed) {
        changed.await();
      }
      List<Item> taken = new ArrayList<>(items.size());
      long takenBytes = 0;
      while (!items.isEmpty() && takenBytes < enoughBytes) {
        Item item = items.remove();
        if (item instanceof Write write) {
          writes -= write.atomicWrites();
          bytes -= write.bytes();
          takenBytes += write.bytes();
        }
        taken.add(item);
      }
      working = !taken.isEmpty();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Lets nothing more in. What is in can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Fails whatever is left, after the one who takes has ended. */
  void failRest(Throwable cause) {
    List<Item> rest;
    lock.lock();
    try {
      closed = true;
      rest = new ArrayList<>(items);
      items.clear();
    } finally {
      lock.unlock();
    }
    rest.forEach(item -> item.future().completeExceptionally(cause));
  }

  JournalUnavailableException closedException() {
    return new JournalUnavailableException("The journal in %s is closed.".formatted(journal));
  }
}
