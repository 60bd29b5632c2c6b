package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.TaskAnswer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The exchanges of one session: always one outstanding, which is the heartbeat; a second one when
 * there are commands to bring, and no more than that.
 */
final class ExchangeLine {
  /** Commands in one exchange, and about how much of them, so that its size is bounded. */
  private static final int MOST_COMMANDS = 64;

  private static final int MOST_CHARACTERS = 1_000_000;
  private static final int MOST_OUTSTANDING = 2;

  /** An exchange to be sent. */
  record Sending(Ticket ticket, Exchange.Request request) {}

  private final Deque<MasterCommand> outbox = new ArrayDeque<>();
  private final Map<Long, List<MasterCommand>> outstanding = new HashMap<>();
  private final Duration answerWithin;
  private Optional<SessionId> session = Optional.empty();
  private long number;
  private Duration waitingSince = Duration.ZERO;

  ExchangeLine(TimingPolicy timing) {
    this.answerWithin = timing.disconnectAfter();
  }

  void open(SessionId opened, Duration now) {
    session = Optional.of(opened);
    number = 0;
    outstanding.clear();
    outbox.clear();
    waitingSince = now;
  }

  void close() {
    session = Optional.empty();
    outstanding.clear();
    outbox.clear();
  }

  boolean isOpen() {
    return session.isPresent();
  }

  boolean isCurrent(Ticket ticket) {
    return session.equals(Optional.of(ticket.session()))
        && outstanding.containsKey(ticket.number());
  }

  void add(List<MasterCommand> commands) {
    outbox.addAll(commands);
  }

  /**
   * The next exchange, if one should be sent now.
   *
   * @param anchor asked for only if one is: from then on the agent's lease may count from it
   */
  Optional<Sending> next(MasterEpoch epoch, Supplier<Duration> anchor, Duration now) {
    boolean heartbeat = outstanding.isEmpty();
    boolean bring = !outbox.isEmpty() && outstanding.size() < MOST_OUTSTANDING;
    if (session.isEmpty() || !(heartbeat || bring)) {
      return Optional.empty();
    }
    number++;
    List<MasterCommand> commands = take();
    if (outstanding.isEmpty()) {
      waitingSince = now;
    }
    outstanding.put(number, commands);
    Ticket ticket = new Ticket(session.get(), number);
    return Optional.of(
        new Sending(
            ticket, new Exchange.Request(session.get(), epoch, number, anchor.get(), commands)));
  }

  private List<MasterCommand> take() {
    List<MasterCommand> commands = new ArrayList<>();
    int characters = 0;
    while (!outbox.isEmpty() && commands.size() < MOST_COMMANDS && characters < MOST_CHARACTERS) {
      MasterCommand command = outbox.remove();
      if (command instanceof MasterCommand.Start start) {
        characters += start.spec().script().length();
        for (String value : start.spec().parameters().values()) {
          characters += value.length();
        }
      } else if (command instanceof MasterCommand.Answer answer
          && answer.answer() instanceof TaskAnswer.Value value) {
        characters += value.value().length();
      }
      commands.add(command);
    }
    return commands;
  }

  /** The commands of this exchange are durable at the agent; the released executions of it. */
  List<ExecutionId> answered(Ticket ticket, Duration now) {
    waitingSince = now;
    return outstanding.remove(ticket.number()).stream()
        .filter(MasterCommand.Release.class::isInstance)
        .map(MasterCommand::execution)
        .toList();
  }

  /** Whether the agent owes an answer for longer than R1 allows. */
  boolean isOverdue(Duration now) {
    return isOpen()
        && !outstanding.isEmpty()
        && now.minus(waitingSince).compareTo(answerWithin) >= 0;
  }
}
