package io.holdfast.persistence.benchmark;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes events, each time only when the ones before are acknowledged, until its load says that it
 * is enough. Its state is how many events it has: the price of a state is not what is measured.
 */
final class Writer extends EventSourcedBehavior<Writer.Next, JobGiven, Long> {

  /** The next write is due: {@code events} in one, atomic; none once it has {@code enough}. */
  record Next(int events, long enough) {}

  private final ActorContext<Next> context;
  private final String name;
  private final Load load;

  private Writer(ActorContext<Next> context, String name, Load load) {
    super(PersistenceId.of("job", name));
    this.context = context;
    this.name = name;
    this.load = load;
  }

  static Behavior<Next> create(String name, Load load) {
    return Behaviors.setup(context -> new Writer(context, name, load));
  }

  @Override
  public Long emptyState() {
    return 0L;
  }

  @Override
  public CommandHandler<Next, JobGiven, Long> commandHandler() {
    return newCommandHandlerBuilder().forAnyState().onCommand(Next.class, this::onNext).build();
  }

  private Effect<JobGiven, Long> onNext(Long before, Next next) {
    if (!load.goesOn() || before >= next.enough()) {
      return Effect().none().thenRun(state -> load.ended(state)).thenStop();
    }
    List<JobGiven> events = new ArrayList<>(next.events());
    for (int i = 1; i <= next.events(); i++) {
      events.add(JobGiven.of(name, before + i));
    }
    return Effect()
        .persist(events)
        .thenRun(
            state -> {
              load.acknowledged(next.events());
              context.getSelf().tell(next);
            });
  }

  @Override
  public EventHandler<Long, JobGiven> eventHandler() {
    return newEventHandlerBuilder().forAnyState().onAnyEvent((count, event) -> count + 1);
  }

  @Override
  public SignalHandler<Long> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), state -> load.recovered(state))
        .build();
  }
}
