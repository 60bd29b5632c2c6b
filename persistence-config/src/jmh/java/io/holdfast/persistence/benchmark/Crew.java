package io.holdfast.persistence.benchmark;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.ArrayList;
import java.util.List;

/**
 * The writers of one measurement, as children, so that none fails unseen. For {@code Recover} it
 * starts them, which lets them replay; with {@code Begin} each writes on and on.
 */
final class Crew extends AbstractBehavior<Crew.Command> {

  sealed interface Command {}

  /** Starts so many actors, whose names are their numbers. */
  record Recover(int actors, Load load) implements Command {}

  /** Lets the actors of the last {@code Recover} write; see {@link Writer.Next}. */
  record Begin(Writer.Next first) implements Command {}

  private final List<ActorRef<Writer.Next>> writers = new ArrayList<>();
  private Load load = new Load(0);

  private Crew(ActorContext<Command> context) {
    super(context);
  }

  static Behavior<Command> create() {
    return Behaviors.setup(Crew::new);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Recover.class, this::onRecover)
        .onMessage(Begin.class, this::onBegin)
        .onSignal(ChildFailed.class, this::onFailed)
        .onSignal(akka.actor.typed.Terminated.class, ended -> this)
        .build();
  }

  private Behavior<Command> onRecover(Recover recover) {
    load = recover.load();
    writers.clear();
    for (int i = 1; i <= recover.actors(); i++) {
      ActorRef<Writer.Next> writer =
          getContext().spawnAnonymous(Writer.create(Integer.toString(i), load));
      getContext().watch(writer);
      writers.add(writer);
    }
    return this;
  }

  private Behavior<Command> onBegin(Begin begin) {
    writers.forEach(writer -> writer.tell(begin.first()));
    return this;
  }

  private Behavior<Command> onFailed(ChildFailed failed) {
    load.failed("an actor failed: " + failed.getCause());
    return this;
  }
}
