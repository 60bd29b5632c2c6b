package io.holdfast.sim;

import io.holdfast.agent.process.WallOffset;
import io.holdfast.agent.session.Answer;
import io.holdfast.agent.session.Session;
import io.holdfast.agent.session.SessionEvent;
import io.holdfast.agent.session.SessionState;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The actor of one master at an agent, over the real {@link Session}. */
final class SessionShell extends Persistent<SessionState, SessionEvent>
    implements Session.Surroundings<Reply> {
  private static final Duration WALL_MARGIN = Duration.ofSeconds(2);

  final AgentNode agent;
  final int master;
  final Disk.Part part;
  private final World world;
  private final Session<Reply> core;
  private final List<ExecutionId> known;
  private final Map<ExecutionId, TaskShell> tasks = new HashMap<>();
  private long obeying;
  private boolean ticking;
  private SessionId session;
  private MasterEpoch epoch;
  private long accepted;
  private WallOffset offset = WallOffset.UNKNOWN;

  SessionShell(AgentNode agent, int master) {
    super(agent, agent.machine.storage, agent.disk.parts[master].session);
    this.agent = agent;
    this.world = agent.world;
    this.master = master;
    this.part = agent.disk.parts[master];
    List<ExecutionId> found = new ArrayList<>();
    part.tasks.forEach(
        (id, journal) -> {
          if (journal.size() > 0) {
            found.add(id);
          }
        });
    part.tasks.values().removeIf(journal -> journal.size() == 0);
    this.known = List.copyOf(found);
    this.core =
        new Session<>(
            new Session.Identity(
                agent.machine.id,
                agent.disk.id,
                agent.incarnation(),
                agent.world.options.taskLimit),
            known,
            this);
  }

  @Override
  void recovered() {
    boolean ours = part.hasDeadline && part.deadlineBoot.equals(agent.machine.bootId());
    Optional<Duration> deadline =
        ours ? Optional.of(Duration.ofNanos(part.deadline)) : Optional.empty();
    if (ours && world.broken(Mutation.RESTART_EXTENDS_THE_LEASE)) {
      deadline = Optional.of(now().plus(world.timing.lease()));
      part.deadline = deadline.get().toNanos();
      // As it would write it: by both clocks, or the guardian would hold what this lets go on.
      part.wallDeadline = agent.machine.wallNanos() + world.timing.lease().toNanos();
    }
    core.recovered(state(), deadline);
    if (!ticking) {
      ticking = true;
      owner.after(tick(), this::lookAtTheClock);
    }
    for (ExecutionId id : known) {
      if (core.awaits(id)) {
        task(id);
      }
    }
  }

  private long tick() {
    return world.timing.heartbeatPeriod().toNanos() / 5;
  }

  private void lookAtTheClock() {
    tell(core::tick);
    owner.after(tick(), this::lookAtTheClock);
  }

  private TaskShell task(ExecutionId id) {
    TaskShell task = tasks.get(id);
    if (task == null) {
      task = new TaskShell(this, id);
      tasks.put(id, task);
      task.recover();
    }
    return task;
  }

  void news(ExecutionId id, TaskState state, List<TaskEvent> events) {
    tell(() -> core.news(id, state, events));
  }

  void performed(ExecutionId id, TaskState state, long correlation) {
    tell(() -> core.performed(id, state, correlation));
  }

  void gone(TaskShell task, ExecutionId id) {
    tell(
        () -> {
          tasks.remove(id, task);
          core.taskGone(id);
        });
  }

  void coupleArrived(Couple.Request request, Reply reply) {
    tell(
        () -> {
          if (request.epoch().value() < part.obeyed) {
            world.coverage.count(Coverage.Kind.OLD_MASTER_COUPLE);
          }
          var refusal = core.refuseCouple(request);
          if (refusal.isPresent()) {
            answer(reply, new Answer.Refused(refusal.get()));
            return;
          }
          var seen =
              new SessionEvent.MasterSeen(
                  request.epoch(), request.masterJournal(), request.life(), agent.host.wall());
          List<SessionEvent> events = state().isNews(seen) ? List.of(seen) : List.of();
          boolean forgets = world.broken(Mutation.EPOCH_NOT_JOURNALLED);
          persist(
              events,
              forgets ? List.of() : events,
              after -> {
                obey(request.epoch());
                epoch = request.epoch();
                core.couple(request, reply);
              });
        });
  }

  /** I4: what is obeyed is not older than anything obeyed in this data directory before. */
  private void obey(MasterEpoch by) {
    if (by.value() < part.obeyed) {
      world.violate(
          Invariant.I4, agent.machine.name + " obeys epoch " + by + " after " + part.obeyed);
    }
    part.obeyed = Math.max(part.obeyed, by.value());
  }

  void exchangeArrived(Exchange.Request request, Reply reply) {
    tell(
        () -> {
          Exchange.Request seen = rewritten(request);
          if (request.epoch().value() < part.obeyed) {
            world.coverage.count(Coverage.Kind.OLD_GRANT);
          }
          long late = agent.machine.boot() - request.anchor().toNanos();
          if (late > 2 * world.timing.heartbeatPeriod().toNanos()) {
            world.coverage.count(Coverage.Kind.LATE_GRANT);
          }
          var used = core.newlyUsed(seen);
          List<SessionEvent> events =
              used.isEmpty()
                  ? List.of()
                  : List.of(new SessionEvent.NumbersUsed(used, agent.host.wall()));
          persist(
              events,
              after -> {
                core.used(after.used());
                obeying = request.epoch().value();
                core.exchange(seen, reply);
                obeying = 0;
              });
        });
  }

  private Exchange.Request rewritten(Exchange.Request request) {
    Mutation mutation = world.mutation;
    if (mutation == null) {
      return request;
    }
    return switch (mutation) {
      case LEASE_FROM_RECEIPT ->
          new Exchange.Request(
              request.session(), request.epoch(), request.number(), now(), request.commands());
      case OLD_REQUEST_OBEYED ->
          session == null || epoch == null
              ? request
              : new Exchange.Request(session, epoch, accepted + 1, now(), request.commands());
      default -> request;
    };
  }

  // What the session sees of the world.

  @Override
  public Duration now() {
    return Duration.ofNanos(agent.machine.boot());
  }

  @Override
  public String bootId() {
    return agent.machine.bootId();
  }

  @Override
  public SessionId newSession() {
    session = new SessionId(world.nextSession());
    accepted = 0;
    return session;
  }

  @Override
  public boolean writeDeadline(Duration deadline, Duration killGrace, Duration anchor) {
    if (obeying != 0 && obeying < part.obeyed) {
      world.violate(Invariant.I4, agent.machine.name + " renews the lease for epoch " + obeying);
    }
    if (world.writeFails()) {
      return false;
    }
    Instant wall = Instant.EPOCH.plusNanos(agent.host.wallNanos());
    offset = offset.renewed(anchor, now(), wall);
    agent.machine.heard(master, anchor.toNanos());
    boolean first = !part.hasDeadline || !part.deadlineBoot.equals(bootId());
    if (world.broken(Mutation.DEADLINE_WRITTEN_ONCE) && !first) {
      return true;
    }
    if (first) {
      agent.machine.guardian.disturb();
    }
    part.hasDeadline = true;
    part.proven = anchor.toMillis() / 10 * 10_000_000L;
    Instant wallDeadline = offset.wallAt(deadline).plus(WALL_MARGIN);
    part.wallDeadline = Duration.between(Instant.EPOCH, wallDeadline).toNanos();
    part.deadline =
        world.broken(Mutation.DEADLINE_NOT_ON_DISK)
            ? Long.MAX_VALUE / 4
            : deadline.toMillis() / 10 * 10_000_000L;
    part.grace = killGrace.toMillis() / 10 * 10_000_000L;
    part.deadlineBoot = bootId();
    part.swept = false;
    part.cleanScans = 0;
    return true;
  }

  @Override
  public Exchange.OutputSize outputSize(ExecutionId execution) {
    TaskDir dir = part.directories.get(execution);
    return new Exchange.OutputSize(execution, dir == null ? 0 : dir.output, 0);
  }

  @Override
  public void perform(ExecutionId execution, TaskCommand command, long correlation) {
    if (obeying != 0 && obeying < part.obeyed) {
      world.violate(Invariant.I4, agent.machine.name + " obeys a command of epoch " + obeying);
    }
    task(execution).perform(command, correlation);
  }

  @Override
  public void answer(Reply reply, Answer answer) {
    if (answer instanceof Answer.Exchanged exchanged) {
      accepted = exchanged.response().number();
    }
    world.net.answer(agent.machine, reply, reply.translate(answer));
  }

  @Override
  public void flushSoon() {
    tell(core::flush);
  }

  /** At the next look at the clock: no answer may need to be quicker (P3). */
  @Override
  public void flushAfter(Duration delay) {}
}
