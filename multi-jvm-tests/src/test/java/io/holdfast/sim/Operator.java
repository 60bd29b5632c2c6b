package io.holdfast.sim;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The people: they define jobs, ask for runs, ask again, cancel, and vouch for machines that are
 * off. They speak the truth.
 */
final class Operator {
  private static final SortedMap<String, String> NONE =
      Collections.unmodifiableSortedMap(new TreeMap<>());

  private final World world;
  private final Dice dice;
  private final JobDefinition[] definitions;
  private long requests;
  private boolean resting;

  Operator(World world) {
    this.world = world;
    this.dice = world.dice.split();
    this.definitions = new JobDefinition[world.options.jobs];
    for (int i = 0; i < definitions.length; i++) {
      definitions[i] = define(i);
    }
  }

  private JobDefinition define(int index) {
    int kind = index == 0 ? 0 : dice.below(6);
    boolean keep = kind == 5;
    OnLost onLost = kind < 3 ? OnLost.RERUN : kind == 3 ? OnLost.ERROR : OnLost.WAIT;
    Target target =
        index > 0 && dice.permille(200)
            ? new Target.OneAgent("a" + dice.below(world.options.agents))
            : new Target.Group("all");
    Duration grace =
        dice.permille(500)
            ? world.timing.killGrace()
            : Duration.ofMillis(dice.between(100, world.timing.killGrace().toMillis()));
    return new JobDefinition(
        "j" + index,
        "true",
        target,
        NONE,
        dice.permille(250)
            ? Optional.of(Duration.ofSeconds(dice.between(1, world.timing.lease().toSeconds())))
            : Optional.empty(),
        grace,
        keep ? ConnectionLossPolicy.KEEP : ConnectionLossPolicy.STOP_AFTER_LEASE,
        onLost);
  }

  JobDefinition definition(int index) {
    return definitions[index];
  }

  void start() {
    for (MasterSide side : world.masters) {
      for (int job = 0; job < definitions.length; job++) {
        look(side, job);
      }
    }
  }

  private void look(MasterSide side, int job) {
    if (resting) {
      return;
    }
    long lease = world.timing.lease().toNanos();
    world.agenda.after(dice.between(lease / 16, lease / 4), () -> look(side, job));
    MasterNode node = side.current();
    if (!node.isResponsive() || node.jobs[job] == null || node.jobs[job].state() == null) {
      return;
    }
    JobShell shell = node.jobs[job];
    JobState state = shell.state();
    if (state.definition().isEmpty()) {
      return;
    }
    long open = 0;
    RunRecord oldest = null;
    for (RunRecord run : state.runs().values()) {
      if (run.end().isEmpty()) {
        oldest = oldest == null ? run : oldest;
        open++;
      }
    }
    if (oldest != null && dice.permille(world.options.cancels)) {
      cancel(shell, oldest);
    } else if (open < 2) {
      requests++;
      String id = "q" + requests;
      ask(shell, id);
      if (dice.permille(100)) {
        ask(shell, id);
      }
    }
  }

  private void ask(JobShell shell, String id) {
    shell.ask(new JobCommand.RequestRun(NONE, Optional.of(id)), () -> {});
  }

  private void cancel(JobShell shell, RunRecord run) {
    world.coverage.count(Coverage.Kind.CANCEL);
    shell.ask(new JobCommand.Cancel(run.id(), "not needed"), () -> {});
  }

  /** A machine is off, or has just been: somebody has seen it, and tells the masters at times. */
  void wasOff(AgentMachine machine) {
    int life = machine.kernel.life();
    for (MasterSide side : world.masters) {
      if (dice.permille(700)) {
        long later = dice.between(World.SECOND, world.timing.lease().toNanos());
        world.agenda.after(later, () -> vouch(side.current(), machine, life));
      }
    }
  }

  private void vouch(MasterNode node, AgentMachine machine, int life) {
    if (!node.isResponsive()) {
      return;
    }
    LinkShell link = node.links[machine.index];
    // Who finds it on again goes away, unless the master has noticed that, too, and must refuse.
    boolean stillOff = machine.isOff() && machine.kernel.life() == life;
    if (stillOff || link.core().isHeard()) {
      link.confirmLost(event -> world.history.confirmed(node, machine, event));
    }
  }

  /**
   * What a disk held that is no more, or whose disk a link has lost: nothing but this word ends the
   * wait of some for it.
   */
  void vouchForLostDisks() {
    for (MasterSide side : world.masters) {
      for (AgentMachine machine : world.agents) {
        if (machine.isRenewed() || world.ledger.isCut(side.index)) {
          vouch(side.current(), machine, machine.kernel.life());
        }
      }
    }
  }

  /** Nothing new; what is open is to end. */
  void rest() {
    resting = true;
  }

  void cancelAll() {
    for (MasterSide side : world.masters) {
      for (JobShell job : side.current().jobs) {
        if (job != null && job.state() != null) {
          for (RunRecord run : job.state().runs().values()) {
            if (run.end().isEmpty() && run.cancel().isEmpty()) {
              job.ask(new JobCommand.Cancel(run.id(), "the end"), () -> {});
            }
          }
        }
      }
    }
  }
}
