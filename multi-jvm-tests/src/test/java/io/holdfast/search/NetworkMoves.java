package io.holdfast.search;

import io.holdfast.search.Message.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of a message: it is lost, or it arrives at any time, once or twice, in any order.
 */
final class NetworkMoves {
  private final Moves moves;

  NetworkMoves(Moves moves) {
    this.moves = moves;
  }

  void expand(World world) {
    for (int m = 0; m < world.net.length; m++) {
      Message message = world.net[m];
      moves.doing("lost: %s", message);
      World lost = world.copy();
      lost.remove(m);
      moves.emit(lost);
      World arrived = world.copy();
      arrived.remove(m);
      deliver(arrived, message);
      if (message.isRequest() && world.duplicates > 0) {
        World twice = world.copy();
        twice.duplicates--;
        twice.net = world.net.clone();
        twice.net[m] = message.stale();
        deliver(twice, message);
      }
    }
  }

  private void deliver(World next, Message message) {
    moves.doing("arrives: %s", message);
    switch (message.kind()) {
      case COUPLE -> new AgentMoves(moves).couple(next, message);
      case EXCHANGE -> new AgentMoves(moves).exchange(next, message);
      case COUPLED -> {
        if (next.links[message.agent()].session == 0) {
          new LineMoves(moves).coupled(next, message);
        }
      }
      case ANSWER -> new LineMoves(moves).answered(next, message);
    }
  }

  /**
   * An answer belongs to its request, as in HTTP: who no longer waits for it never sees it. A
   * request may arrive whenever it likes, whoever sent it.
   */
  static void tidy(World world) {
    if (world.net.length == 0) {
      return;
    }
    List<Message> kept = new ArrayList<>(world.net.length);
    for (Message message : world.net) {
      if (message.isRequest() ? !isNothing(world, message) : isAwaited(world, message)) {
        kept.add(message);
      }
    }
    if (kept.size() < world.net.length) {
      world.net = kept.toArray(new Message[0]);
    }
  }

  /** A heartbeat of a former session brings nothing: that it is refused is seen with commands. */
  private static boolean isNothing(World world, Message message) {
    return message.kind() == Kind.EXCHANGE
        && message.commands().isEmpty()
        && message.epoch() == world.epoch
        && message.session() != world.agents[message.agent()].session;
  }

  private static boolean isAwaited(World world, Message message) {
    boolean current = message.epoch() == world.epoch;
    if (message.kind() == Kind.COUPLED) {
      LinkSide link = world.links[message.agent()];
      // An old master cannot journal what it would have to: it never has a session again. One that
      // was superseded is not looked at, and no rule rests on that: what would follow from it is
      // said in its own session, which the agent refuses (R4).
      return current && link.session == 0 && message.fresh() && link.coupling;
    }
    boolean old = world.oldLinks != null && message.epoch() == world.epoch - 1;
    if (!current && !old) {
      return false;
    }
    LinkSide link = world.link(message.agent(), old);
    return link.session == message.session() && link.outstanding;
  }

  /** Whether anything can still come of an exchange that {@code link} waits for. */
  static boolean isDead(World world, int agent, int epoch, LinkSide link) {
    for (Message message : world.net) {
      boolean same =
          message.agent() == agent
              && message.epoch() == epoch
              && message.session() == link.session
              && message.fresh();
      if (same && (message.kind() == Kind.EXCHANGE || message.kind() == Kind.ANSWER)) {
        return false;
      }
    }
    AgentSide side = world.agents[agent];
    return !(side.held && side.session == link.session);
  }

  /** Whether a coupling that {@code epoch} waits for can still be answered. */
  static boolean isCoupling(World world, int agent, int epoch) {
    for (Message message : world.net) {
      boolean same = message.agent() == agent && message.epoch() == epoch && message.fresh();
      if (same && (message.kind() == Kind.COUPLE || message.kind() == Kind.COUPLED)) {
        return true;
      }
    }
    return false;
  }
}
