package io.holdfast.master.view;

import akka.NotUsed;
import akka.stream.BoundedSourceQueue;
import akka.stream.QueueOfferResult;
import akka.stream.javadsl.Source;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Live updates for who listens now. Nothing is kept for who does not; a reader that falls behind by
 * {@link #MOST_BEHIND} is cut off, and reads the state again.
 */
public final class EventFeed {
  /** How far a reader may fall behind. */
  public static final int MOST_BEHIND = 4096;

  /**
   * One update: {@code kind} is job, run, execution, agent, reconciliation, progress, note or
   * variable.
   */
  public record Update(long id, String kind, String json) {}

  private final Set<BoundedSourceQueue<Update>> readers = ConcurrentHashMap.newKeySet();
  private final AtomicLong ids = new AtomicLong();

  /** Tells all readers; {@code json} is asked for only if there is one. */
  void publish(String kind, Supplier<String> json) {
    if (readers.isEmpty()) {
      return;
    }
    Update update = new Update(ids.incrementAndGet(), kind, json.get());
    for (BoundedSourceQueue<Update> reader : readers) {
      QueueOfferResult result = reader.offer(update);
      if (!result.isEnqueued()) {
        readers.remove(reader);
        reader.fail(new IllegalStateException("the reader is too slow"));
      }
    }
  }

  /** A new reader, from now on. */
  public Source<Update, NotUsed> subscribe() {
    return Source.<Update>queue(MOST_BEHIND)
        .mapMaterializedValue(
            queue -> {
              readers.add(queue);
              return queue;
            })
        .watchTermination(
            (queue, done) -> {
              done.whenComplete((ok, failure) -> readers.remove(queue));
              return NotUsed.getInstance();
            });
  }
}
