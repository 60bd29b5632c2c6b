package io.holdfast.protocol.lease;

import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * One master and one agent, each with a clock of its own, and a network that loses, doubles, delays
 * and overtakes, from one seed. After every step it is checked that the master, whenever it may
 * give up what runs at the agent, is later than the agent's deadline and kill grace in real time.
 *
 * <p>Time here is real time in nanoseconds; nobody but the check sees it.
 */
final class TwoSidedLease {
  /** The rules under test, or a wrong variant of one. */
  enum Variant {
    AS_BUILT,
    /** The agent counts its lease from the arrival of a request. */
    LEASE_FROM_RECEIPT,
    /** The master's wait allows nothing for drift. */
    NO_DRIFT,
    /** The master's wait leaves out the margin. */
    NO_MARGIN,
    /** The master's wait leaves out the kill grace. */
    NO_GRACE,
    /** A successor does not count its predecessor's authority. */
    NO_AUTHORITY,
    /** A successor starts with a wait that is over. */
    NO_WAIT_AFTER_RESTART
  }

  /** The property does not hold. */
  static final class TooEarly extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooEarly(String message) {
      super(message);
    }
  }

  private static final double SECOND = 1e9;

  private record Clock(double rate, double offset) {
    Duration at(double real) {
      return Duration.ofNanos((long) (offset + rate * real));
    }

    /** The first instant of real time at which this clock certainly shows {@code time}. */
    double when(Duration time) {
      return (nanos(time) - offset) / rate;
    }
  }

  /** One life of the master; a former one may act until its authority is over. */
  private static final class Master {
    final Clock clock;
    final MasterEpoch epoch;
    MasterHold hold;
    Optional<SessionId> session = Optional.empty();
    double silentFrom = Double.MAX_VALUE;

    Master(Clock clock, MasterEpoch epoch, MasterHold hold) {
      this.clock = clock;
      this.epoch = epoch;
      this.hold = hold;
    }
  }

  private record Step(double at, long order, Runnable what) {}

  private final Random random;
  private final long seed;
  private final TimingPolicy policy;
  private final Variant variant;
  private final double drift;
  private final PriorityQueue<Step> steps =
      new PriorityQueue<>(Comparator.comparingDouble(Step::at).thenComparingLong(Step::order));
  private final List<Master> former = new ArrayList<>();
  private final Clock agentClock;
  private Master master;
  private AgentLease agent = AgentLease.NONE;
  private double now;
  private double cutUntil;
  private double aliveUntil;
  private long order;
  private int sessions;

  /** What happened that makes the check worth something. */
  int renewals;

  int releasableSteps;
  int restarts;

  TwoSidedLease(long seed, TimingPolicy policy, Variant variant) {
    this.seed = seed;
    this.random = new Random(seed);
    this.policy = policy;
    this.variant = variant;
    this.drift = policy.driftPermille() / 1000.0;
    this.agentClock = clock();
    this.master = life(new MasterEpoch(1));
  }

  /** Runs for {@code events} steps, or fails with {@link TooEarly}. */
  TwoSidedLease run(int events) {
    later(0, this::masterTick);
    later(period(), this::trouble);
    for (int i = 0; i < events; i++) {
      Step step = steps.remove();
      check(step.at());
      now = step.at();
      step.what().run();
      check(now);
    }
    return this;
  }

  /**
   * Between two steps nothing changes, so the earliest instant of release is the one to look at.
   */
  private void check(double until) {
    double releasable = Math.max(now, master.clock.when(releasableAt(master.hold)));
    if (releasable <= until) {
      releasableSteps++;
      // Clocks are read in whole nanoseconds and computed in doubles.
      if (aliveUntil > releasable + 10_000) {
        throw new TooEarly(
            String.format(
                "seed %d, %s: the master may give up at %.3f s, the agent may run until %.3f s; %s",
                seed, variant, releasable / SECOND, aliveUntil / SECOND, policy));
      }
    }
  }

  private Duration releasableAt(MasterHold hold) {
    Duration leased = policy.lease().plus(policy.killGrace());
    Duration wait =
        switch (variant) {
          case NO_DRIFT -> leased.plus(policy.margin());
          case NO_MARGIN -> policy.release().minus(policy.margin());
          case NO_GRACE -> policy.release().minus(policy.killGrace());
          default -> hold.releasableAt(policy).minus(hold.countsFrom());
        };
    return hold.countsFrom().plus(wait);
  }

  private Master life(MasterEpoch epoch) {
    Clock clock = clock();
    Duration at = clock.at(now);
    MasterHold hold =
        switch (variant) {
          case NO_AUTHORITY -> new MasterHold(Optional.empty(), at);
          case NO_WAIT_AFTER_RESTART ->
              new MasterHold(Optional.empty(), at.minus(policy.release()));
          default -> MasterHold.recovered(at, policy);
        };
    return new Master(clock, epoch, hold);
  }

  private Clock clock() {
    double off =
        switch (random.nextInt(3)) {
          case 0 -> drift;
          case 1 -> -drift;
          default -> (2 * random.nextDouble() - 1) * drift;
        };
    return new Clock(1 + off, 1000 * SECOND + random.nextInt(1_000_000) * SECOND);
  }

  private void masterTick() {
    tick(master);
    later(period() * (random.nextInt(4) == 0 ? random.nextDouble() : 1), this::masterTick);
  }

  private void tick(Master who) {
    if (now > who.silentFrom) {
      return;
    }
    if (who.session.isEmpty()) {
      send(() -> couple(who));
    } else {
      who.hold = who.hold.echoing();
      SessionId session = who.session.get();
      who.hold.newest().ifPresent(anchor -> send(() -> exchange(who, session, anchor.value())));
    }
  }

  private void couple(Master by) {
    if (agent.isOver(agentNow())) {
      agent = agent.close();
    }
    if (agent.mayOpen(by.epoch, agentNow()).isPresent()) {
      return;
    }
    SessionId session = new SessionId("s" + ++sessions);
    agent = agent.open(session, by.epoch, agentNow());
    Duration anchor = agentNow();
    send(
        () -> {
          if (now <= by.silentFrom) {
            by.session = Optional.of(session);
            by.hold = by.hold.coupled(anchor, by.clock.at(now));
          }
        });
  }

  private void exchange(Master by, SessionId session, Duration anchor) {
    Duration counted = variant == Variant.LEASE_FROM_RECEIPT ? agentNow() : anchor;
    AgentLease.Renewal renewal =
        agent.renew(session, by.epoch, counted, policy.lease(), agentNow());
    if (renewal instanceof AgentLease.Renewal.Granted granted) {
      renewals++;
      agent = granted.lease();
      Duration end = agent.deadline().orElseThrow().plus(policy.killGrace());
      aliveUntil = Math.max(aliveUntil, agentClock.when(end));
      double held = random.nextBoolean() ? 0 : random.nextDouble() * period();
      later(
          held,
          () -> {
            Duration next = agentNow();
            send(() -> answered(by, session, next));
          });
    } else {
      send(() -> refused(by, session));
    }
  }

  /** The answers of a former session are not this session's. */
  private void answered(Master to, SessionId session, Duration anchor) {
    if (to.session.equals(Optional.of(session)) && now <= to.silentFrom) {
      to.hold = to.hold.received(anchor, to.clock.at(now));
      if (random.nextInt(3) == 0) {
        tick(to);
      }
    }
  }

  private void refused(Master to, SessionId session) {
    if (to.session.equals(Optional.of(session))) {
      to.session = Optional.empty();
    }
  }

  private void trouble() {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> cutUntil = now + random.nextDouble() * 3 * nanos(policy.release());
      case 3 -> masterRestarts();
      case 4 -> {
        if (agent.session().isPresent()) {
          agent = new AgentLease(agent.epoch(), Optional.empty(), Duration.ZERO, agent.deadline());
        }
      }
      case 5 -> master.session = Optional.empty();
      default -> {}
    }
    later(period() * (1 + random.nextInt(10)), this::trouble);
  }

  /** The old life is not told: it acts on its last proof until that is too old by its own clock. */
  private void masterRestarts() {
    restarts++;
    Master old = master;
    old.silentFrom = now + nanos(policy.authorityTtl()) / old.clock.rate();
    double end = old.silentFrom;
    former.add(old);
    for (double at = now; at < end; at += period()) {
      later(at - now, () -> tick(old));
    }
    later(end - now, () -> tick(old));
    master = life(old.epoch.next());
    if (random.nextBoolean()) {
      // The successor alone is cut off from the agent for a while.
      master.silentFrom = -1;
      Master successor = master;
      later(
          random.nextDouble() * 2 * nanos(policy.release()),
          () -> {
            if (!former.contains(successor)) {
              successor.silentFrom = Double.MAX_VALUE;
            }
          });
    }
  }

  private void send(Runnable arrival) {
    if (now < cutUntil && random.nextInt(5) != 0) {
      return;
    }
    int copies = random.nextInt(8) == 0 ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (random.nextInt(10) != 0) {
        later(delay(), arrival);
      }
    }
  }

  private double delay() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> 0;
      case 4, 5 -> random.nextDouble() * period() / 10;
      case 6 -> random.nextDouble() * 2 * period();
      default -> random.nextDouble() * 2 * nanos(policy.lease());
    };
  }

  private void later(double in, Runnable what) {
    steps.add(new Step(now + in, order++, what));
  }

  private Duration agentNow() {
    return agentClock.at(now);
  }

  private double period() {
    return nanos(policy.heartbeatPeriod());
  }

  private static double nanos(Duration duration) {
    return duration.toNanos();
  }
}
