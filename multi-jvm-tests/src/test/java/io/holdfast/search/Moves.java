package io.holdfast.search;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobCommand;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that can happen next. One object expands one state after the other; it keeps nothing between
 * them but what it is doing, for a counterexample.
 */
final class Moves {
  /** Who takes what a state can become. */
  interface Sink {
    void take(World next);
  }

  static final String JOB = "j";
  static final Fleet NOBODY = fleet(-1);
  private static final Fleet[] FLEETS = {fleet(0), fleet(1)};

  final Rules rules;
  final Bounds bounds;
  private final Sink sink;
  private World from;
  private String doing = "";
  private Object[] about = {};

  Moves(Rules rules, Bounds bounds, Sink sink) {
    this.rules = rules;
    this.bounds = bounds;
    this.sink = sink;
  }

  private static Fleet fleet(int connected) {
    List<AgentId> all = List.of(World.agent(0), World.agent(1));
    return new Fleet(
        List.of(
            new Fleet.Member(World.agent(0), connected == 0, 0),
            new Fleet.Member(World.agent(1), connected == 1, 0)),
        Map.of("all", all));
  }

  /** Where it begins: two runs of the job are asked for, and the first was given to agent A. */
  World initial() {
    World world = new World();
    world.duplicates = bounds.duplicates();
    world.drift = bounds.drift();
    world.failovers = bounds.failovers();
    world.restarts = bounds.restarts();
    world.wipes = bounds.wipes();
    world.reboots = bounds.reboots();
    world.cancels = bounds.cancels();
    world.couplings = bounds.couplings();
    world.exchanges = bounds.exchanges();
    for (LinkSide link : world.links) {
      link.state =
          rules.evolve(
              link.state,
              new LinkEvent.Activated(new MasterEpoch(1), Optional.empty(), Ticks.STAMP));
      link.crash(rules.recovered(Ticks.NOW, Ticks.POLICY));
      // It began long ago.
      link.tickMaster(10 * Ticks.TICK);
    }
    boolean keep = bounds.keep();
    var definition =
        new JobDefinition(
            JOB,
            "true",
            new Target.Group("all"),
            new TreeMap<>(),
            Optional.empty(),
            Ticks.POLICY.killGrace(),
            keep ? ConnectionLossPolicy.KEEP : ConnectionLossPolicy.STOP_AFTER_LEASE,
            keep ? OnLost.WAIT : OnLost.RERUN);
    MasterMoves master = new MasterMoves(this);
    master.tellJob(world, new JobCommand.Define(definition), NOBODY);
    for (int run = 0; run < bounds.executions(); run++) {
      master.tellJob(
          world, new JobCommand.RequestRun(Collections.emptySortedMap(), Optional.empty()), NOBODY);
    }
    master.tellJob(world, new JobCommand.Proceed(), FLEETS[0]);
    return world;
  }

  /** Gives everything that {@code world} can become to the sink. */
  void expand(World world) {
    from = world;
    new NetworkMoves(this).expand(world);
    new AgentMoves(this).expand(world);
    new ProcessMoves(this).expand(world);
    new MasterMoves(this).expand(world, FLEETS);
    new TimeMoves(this).expand(world);
  }

  /** What is being done, in words that are only put together when somebody asks. */
  void doing(String what, Object... whom) {
    doing = what;
    about = whom;
  }

  String words() {
    return String.format(java.util.Locale.ROOT, doing, about);
  }

  /** {@code next} is complete: nobody changes it from here on. */
  void emit(World next) {
    NetworkMoves.tidy(next);
    Invariants.check(from, next);
    Canonical.apply(next);
    sink.take(next);
  }
}
