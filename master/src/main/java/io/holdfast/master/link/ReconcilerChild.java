package io.holdfast.master.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * The one reconciler of a link, from one life of it to the next: each reads the journal anew. What
 * it is told after it was asked to step down waits for the next. Soft state.
 */
final class ReconcilerChild<M> {
  /** Messages that wait while it is recovered; jobs and links repeat what is dropped beyond. */
  static final int MOST_WAITING = 10_000;

  private final ActorContext<M> context;
  private final Supplier<Behavior<Reconciler.Message>> next;
  private final M gone;
  private final Deque<Reconciler.Message> waiting = new ArrayDeque<>();
  private ActorRef<Reconciler.Message> current;
  private boolean stepsDown;

  /**
   * @param next the next life
   * @param gone what the link is told when this one has ended: it calls {@link #recover}
   */
  ReconcilerChild(ActorContext<M> context, Supplier<Behavior<Reconciler.Message>> next, M gone) {
    this.context = context;
    this.next = next;
    this.gone = gone;
  }

  /** A new life of it, from what is in the journal. */
  void recover() {
    stepsDown = false;
    current = context.spawnAnonymous(next.get());
    context.watchWith(current, gone);
    while (!waiting.isEmpty()) {
      current.tell(waiting.remove());
    }
  }

  void tell(Reconciler.Message message) {
    if (!stepsDown) {
      current.tell(message);
    } else if (waiting.size() < MOST_WAITING) {
      waiting.add(message);
    }
  }

  /** It ends after what it was told before; {@code gone} follows. */
  void stepDown() {
    stepsDown = true;
    current.tell(new Reconciler.StepDown());
  }
}
