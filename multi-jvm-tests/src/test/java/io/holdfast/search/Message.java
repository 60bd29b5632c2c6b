package io.holdfast.search;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.List;

/**
 * One message under way.
 *
 * @param agent to or from which
 * @param epoch of the master that sent it, or is answered
 * @param session of an exchange, or the one that a coupling opened
 * @param fresh an exchange that was not seen yet; a coupling that its master still waits for
 * @param anchor by the agent's clock, relative to its now
 * @param journal the data directory that answers
 */
record Message(
    Kind kind,
    int agent,
    int epoch,
    int session,
    boolean fresh,
    int anchor,
    int journal,
    List<MasterCommand> commands,
    List<Exchange.Report> reports,
    List<InventoryItem> inventory) {
  enum Kind {
    COUPLE,
    COUPLED,
    EXCHANGE,
    ANSWER
  }

  static Message couple(int agent, int epoch) {
    return new Message(
        Kind.COUPLE, agent, epoch, 0, true, Ticks.NEVER, 0, List.of(), List.of(), List.of());
  }

  static Message coupled(Message request, int session, int journal, List<InventoryItem> inventory) {
    return new Message(
        Kind.COUPLED,
        request.agent,
        request.epoch,
        session,
        request.fresh,
        0,
        journal,
        List.of(),
        List.of(),
        inventory);
  }

  static Message exchange(
      int agent, int epoch, int session, int anchor, List<MasterCommand> commands) {
    return new Message(
        Kind.EXCHANGE, agent, epoch, session, true, anchor, 0, commands, List.of(), List.of());
  }

  static Message answer(int agent, int epoch, int session, List<Exchange.Report> reports) {
    return new Message(
        Kind.ANSWER, agent, epoch, session, true, 0, 0, List.of(), reports, List.of());
  }

  boolean isRequest() {
    return kind == Kind.COUPLE || kind == Kind.EXCHANGE;
  }

  Message stale() {
    return new Message(
        kind, agent, epoch, session, false, anchor, journal, commands, reports, inventory);
  }

  Message later(int by) {
    int next = Ticks.shiftAnchor(anchor, by);
    return next == anchor
        ? this
        : new Message(
            kind, agent, epoch, session, fresh, next, journal, commands, reports, inventory);
  }

  /** The same, but for what it says of one execution. */
  Message without(ExecutionId id) {
    return new Message(
        kind,
        agent,
        epoch,
        session,
        fresh,
        anchor,
        journal,
        without(commands, id),
        reports.stream().filter(report -> !report.execution().equals(id)).toList(),
        inventory.stream().filter(item -> !item.execution().equals(id)).toList());
  }

  static List<MasterCommand> without(List<MasterCommand> commands, ExecutionId id) {
    return commands.stream().filter(command -> !command.execution().equals(id)).toList();
  }

  @Override
  public String toString() {
    String to = World.name(agent);
    return switch (kind) {
      case COUPLE -> "coupling of epoch " + epoch + " to " + to;
      case COUPLED ->
          "answer of "
              + to
              + " to the coupling of epoch "
              + epoch
              + ": session "
              + session
              + ", inventory "
              + inventory.stream().map(i -> i.execution() + " " + i.words()).toList();
      case EXCHANGE ->
          "exchange of epoch "
              + epoch
              + " to "
              + to
              + " in session "
              + session
              + ", anchor "
              + World.ticks(anchor)
              + ", "
              + commands.stream().map(Message::words).toList();
      case ANSWER ->
          "answer of "
              + to
              + " in session "
              + session
              + ", anchor "
              + World.ticks(anchor)
              + ", "
              + reports.stream()
                  .map(r -> r.execution() + " " + r.event().getClass().getSimpleName())
                  .toList();
    };
  }

  private static String words(MasterCommand command) {
    return command.getClass().getSimpleName() + " " + command.execution();
  }
}
