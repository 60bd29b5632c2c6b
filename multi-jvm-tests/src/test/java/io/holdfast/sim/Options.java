package io.holdfast.sim;

import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/** What one world is like, drawn from its seed: each leaves most faults out (swarm testing). */
final class Options {
  /** What can go wrong besides the network; each is there or not in a world. */
  enum Fault {
    CUT,
    ONE_WAY_CUT,
    AGENT_CRASH,
    AGENT_PAUSE,
    AGENT_SUSPEND,
    AGENT_FROZEN,
    AGENT_REBOOT,
    AGENT_OFF,
    AGENT_WIPED,
    AGENT_RESTORED,
    GUARDIAN_CRASH,
    TASK_KILLED,
    MASTER_CRASH,
    MASTER_PAUSE,
    MASTER_SUSPEND,
    FAILOVER,
    MASTER_RESTORED,
    MASTER_REBUILT,
    WALL_CLOCK,
    SLOW_DISK,
    TASK_CUT,
    LINK_CUT,
    JOB_CUT,
    FULL_DISK
  }

  private static final Set<Fault> CUTTING =
      EnumSet.of(Fault.TASK_CUT, Fault.LINK_CUT, Fault.JOB_CUT);

  /** Whether journals are cut by repairs as well; only with {@code -Dsim.cuts=true}. */
  static final boolean CUTS = Boolean.parseBoolean(System.getProperty("sim.cuts", "false"));

  final TimingPolicy timing;
  final int masters;
  final int agents;
  final int jobs;
  final boolean gentle;
  int faults;
  int loss;
  int duplicates;
  int tails;
  int tailSeconds;
  int crashAtBoundary;
  int writeFails;
  int crashAtLaunch;
  final int cancels;
  final long faultEvery;
  final long hours;
  final int slowStarts;
  final int drift;

  /** Slow disks and a slow network all the time, so that messages and writes cross. */
  final boolean sluggish;

  final int taskLimit;

  Options(long seed) {
    this(seed, CUTS);
  }

  /**
   * For a world with a broken rule, which is to be found out without any damaged journal, and soon:
   * where it takes two faults at once that are rarely drawn together, it has no other.
   */
  static Options of(long seed, Mutation mutation) {
    Options options = new Options(seed, CUTS && mutation == null);
    if (mutation == Mutation.RESTART_EXTENDS_THE_LEASE) {
      options.faults = 1 << Fault.CUT.ordinal() | 1 << Fault.AGENT_CRASH.ordinal();
    } else if (mutation == Mutation.CLOCK_STANDS_STILL_IN_A_SUSPENSION) {
      options.faults = 1 << Fault.CUT.ordinal() | 1 << Fault.AGENT_SUSPEND.ordinal();
    }
    return options;
  }

  private Options(long seed, boolean withCuts) {
    Dice dice = new Dice(seed * 31 + 7);
    // On their own: a world that has none is the same whether cuts are simulated or not.
    Dice cuts = new Dice(seed * 31 + 8);
    Dice full = new Dice(seed * 31 + 9);
    gentle = dice.permille(80);
    timing = timing(dice);
    masters = dice.permille(200) ? 2 : 1;
    agents = dice.permille(700) ? 2 : 3;
    jobs = 2 + dice.below(3);
    int wanted = 0;
    for (Fault fault : Fault.values()) {
      int chance =
          switch (fault) {
            case CUT, AGENT_CRASH -> 800;
            case FAILOVER, MASTER_CRASH, ONE_WAY_CUT, AGENT_PAUSE -> 500;
            case MASTER_RESTORED, MASTER_REBUILT, AGENT_RESTORED -> 60;
            case TASK_CUT -> 200;
            case LINK_CUT, JOB_CUT -> 100;
            case FULL_DISK -> 200;
            default -> 300;
          };
      boolean isCut = CUTTING.contains(fault);
      if (withCuts || !isCut) {
        Dice its = isCut ? cuts : fault == Fault.FULL_DISK ? full : dice;
        wanted |= its.permille(chance) ? 1 << fault.ordinal() : 0;
      }
    }
    faults = gentle ? wanted & GENTLE | 1 << Fault.CUT.ordinal() : wanted;
    sluggish = !gentle && dice.permille(120);
    loss = gentle || dice.permille(300) ? 0 : dice.below(91);
    duplicates = dice.permille(400) ? 0 : dice.below(61);
    tails = sluggish ? 250 : gentle || dice.permille(300) ? 0 : 1 + dice.below(30);
    tailSeconds = sluggish ? 12 : 5 + dice.below(176);
    crashAtBoundary = gentle || dice.permille(500) ? 0 : dice.below(6000);
    writeFails = gentle || dice.permille(500) ? 0 : dice.below(4000);
    crashAtLaunch = gentle || dice.permille(400) ? 0 : dice.below(200);
    cancels = dice.permille(500) ? 0 : dice.below(300);
    long period = timing.lease().toNanos();
    faultEvery = gentle ? 2 * period : dice.between(period / 8, 2 * period);
    hours = 1;
    slowStarts = dice.permille(300) ? dice.below(300) : 0;
    taskLimit = dice.permille(700) ? 8 : 1 + dice.below(2);
    drift = dice.permille(200) ? 0 : 5000;
  }

  private static final int GENTLE =
      1 << Fault.CUT.ordinal()
          | 1 << Fault.ONE_WAY_CUT.ordinal()
          | 1 << Fault.AGENT_CRASH.ordinal()
          | 1 << Fault.MASTER_CRASH.ordinal()
          | 1 << Fault.FAILOVER.ordinal()
          | 1 << Fault.GUARDIAN_CRASH.ordinal()
          | 1 << Fault.WALL_CLOCK.ordinal();

  private static TimingPolicy timing(Dice dice) {
    int kind = dice.below(10);
    if (kind < 3) {
      return TimingPolicy.DEFAULT;
    }
    if (kind < 4) {
      // So long that the drift of the clocks is more than any margin.
      return new TimingPolicy(
          Duration.ofSeconds(5),
          60 + dice.below(60),
          Duration.ofSeconds(1 + dice.below(30)),
          5,
          Duration.ofSeconds(1),
          Duration.ofSeconds(10));
    }
    return new TimingPolicy(
        Duration.ofSeconds(3 + dice.below(3)),
        3 + dice.below(8),
        Duration.ofSeconds(2 + dice.below(14)),
        5,
        Duration.ofSeconds(1),
        Duration.ofSeconds(2 + dice.below(9)));
  }

  boolean has(Fault fault) {
    return (faults & 1 << fault.ordinal()) != 0;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("faults");
    for (Fault fault : Fault.values()) {
      if (has(fault)) {
        text.append(' ').append(fault);
      }
    }
    return text
        + "; masters "
        + masters
        + ", agents "
        + agents
        + ", jobs "
        + jobs
        + (gentle ? ", gentle" : "")
        + (sluggish ? ", sluggish" : "")
        + ", loss "
        + loss
        + "‰, duplicates "
        + duplicates
        + "‰, tails "
        + tails
        + "‰ to "
        + tailSeconds
        + " s, crash at a write "
        + crashAtBoundary
        + " ppm, failed writes "
        + writeFails
        + " ppm, crash at a launch "
        + crashAtLaunch
        + "‰, cancels "
        + cancels
        + "‰, a fault every "
        + faultEvery / World.SECOND
        + " s; task limit "
        + taskLimit
        + "; "
        + timing;
  }
}
