package io.holdfast.sim;

import io.holdfast.protocol.lease.TimingPolicy;
import java.util.BitSet;

/** One simulated world: one thread, virtual time, one seed. */
final class World {
  static final long MICRO = 1_000L;
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;

  final long seed;
  final Options options;
  final TimingPolicy timing;
  final Mutation mutation;
  final Dice dice;
  final Agenda agenda = new Agenda();
  final Coverage coverage = new Coverage();
  final Ledger ledger;
  final History history;
  final Operator operator;
  final Faults faults;
  final Net net;
  final AgentMachine[] agents;
  final MasterSide[] masters;
  private final StringBuilder trace;
  private final Dice writes;
  private long sessions;
  private long fingerprint;
  private Violation violation;
  private boolean finished;

  /**
   * @param dropped the numbers of the faults that do not happen
   * @param trace to be filled, or null
   */
  World(long seed, Options options, Mutation mutation, BitSet dropped, StringBuilder trace) {
    this.seed = seed;
    this.options = options;
    this.timing = options.timing;
    this.mutation = mutation;
    this.trace = trace;
    this.dice = new Dice(seed);
    this.writes = dice.split();
    this.ledger = new Ledger(this, options.masters);
    this.history = new History(this, options.masters);
    this.net = new Net(this, options.masters * 2, options.agents);
    this.operator = new Operator(this);
    this.faults = new Faults(this, dropped);
    this.agents = new AgentMachine[options.agents];
    this.masters = new MasterSide[options.masters];
    for (int i = 0; i < agents.length; i++) {
      agents[i] = new AgentMachine(this, i, drift());
    }
    for (int i = 0; i < masters.length; i++) {
      masters[i] = new MasterSide(this, i);
    }
  }

  long drift() {
    return options.drift == 0
        ? 0
        : dice.permille(500)
            ? dice.permille(500) ? options.drift : -options.drift
            : dice.between(-options.drift, options.drift);
  }

  long now() {
    return agenda.now();
  }

  boolean broken(Mutation rule) {
    return mutation == rule;
  }

  boolean writeFails() {
    return writes.below(1_000_000) < options.writeFails;
  }

  String nextSession() {
    sessions++;
    return "s" + sessions;
  }

  boolean isTracing() {
    return trace != null;
  }

  void trace(String who, String what) {
    if (trace != null) {
      trace.append(String.format("%12.3f %-6s %s%n", now() / 1e9, who, what));
    }
  }

  void trace(String who, String what, Object about) {
    if (trace != null) {
      trace(who, what + " " + about);
    }
  }

  void violate(Invariant invariant, String what) {
    if (violation == null) {
      violation = new Violation(invariant, what, now(), agenda.steps());
      trace("!", violation.toString());
    }
  }

  boolean isOver() {
    return violation != null || finished;
  }

  Violation violation() {
    return violation;
  }

  /** Of the order and the times of all steps. */
  long fingerprint() {
    return fingerprint;
  }

  /** Until the end, or until a promise is broken. */
  void run() {
    for (AgentMachine agent : agents) {
      agent.powerOn();
    }
    for (MasterSide side : masters) {
      side.start(false);
    }
    operator.start();
    faults.start();
    agenda.at(options.hours * 3600 * SECOND, this::mend);
    try {
      while (!isOver()) {
        agenda.step();
        fingerprint = fingerprint * 1_000_003 + agenda.now();
      }
    } catch (RuntimeException | AssertionError e) {
      if (mutation != null) {
        // What a broken rule wrote cannot be read: recovery fails closed.
        violate(Invariant.I5, "a journal does not replay: " + e.getMessage());
        return;
      }
      throw new IllegalStateException(
          "seed " + seed + " fails at " + now() / MILLI + " ms, step " + agenda.steps(), e);
    }
  }

  private void mend() {
    faults.end();
    operator.rest();
    long settle = 2 * timing.heartbeatPeriod().toNanos() + 10 * SECOND;
    agenda.after(settle, operator::cancelAll);
    agenda.after(2 * settle, operator::cancelAll);
    agenda.after(settle, operator::vouchForLostDisks);
    agenda.after(2 * settle, operator::vouchForLostDisks);
    long bound =
        timing.release().plus(timing.authorityTtl()).plus(timing.killGrace()).toNanos()
            + 2 * timing.heartbeatPeriod().toNanos();
    agenda.after(settle, () -> look(now() + bound + settle));
  }

  private void look(long until) {
    String open = stillOpen();
    if (open == null) {
      finished = true;
    } else if (now() > until) {
      violate(Invariant.I10, open);
    } else {
      agenda.after(SECOND, () -> look(until));
    }
  }

  /**
   * A master whose journal went back has an older epoch than its agent knows, until it restarts.
   */
  private boolean isLockedOut(int master, AgentMachine machine) {
    var known = machine.disk().parts[master].session.state().epoch();
    var has = masters[master].store().links.get(machine.index).state().epoch();
    return known.compareTo(has) > 0;
  }

  private String stillOpen() {
    for (MasterSide side : masters) {
      if (ledger.isExcused(side.index)) {
        // Its ids were used again after the journal went back: what follows is not promised.
        continue;
      }
      for (var job : side.store().jobs) {
        for (var run : job.state().runs().values()) {
          if (run.end().isEmpty()) {
            return "run " + run.id() + " of " + side.id + " has not ended";
          }
        }
      }
      for (int i = 0; i < agents.length; i++) {
        var link = side.store().links.get(i).state();
        if (isLockedOut(side.index, agents[i])) {
          continue;
        }
        if (!link.executions().isEmpty()) {
          return side.id + " still holds " + link.executions().values() + " of " + agents[i].id;
        }
        if (agents[i].agent.isUp() && !side.current().isConnected(i)) {
          return side.id + " is not connected with " + agents[i].id + ", which is there";
        }
      }
    }
    for (AgentMachine machine : agents) {
      for (int master = 0; master < masters.length; master++) {
        Disk.Part part = machine.disk().parts[master];
        if (ledger.isExcused(master) || isLockedOut(master, machine)) {
          continue;
        }
        for (var task : part.tasks.entrySet()) {
          if (task.getValue().size() > 0) {
            return machine.name + " still holds " + task.getKey() + ", " + task.getValue().state();
          }
        }
        if (!part.directories.isEmpty()) {
          return machine.name + " still has the directories " + part.directories.values();
        }
      }
    }
    return null;
  }
}
