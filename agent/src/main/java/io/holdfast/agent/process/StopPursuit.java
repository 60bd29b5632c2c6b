package io.holdfast.agent.process;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the whole tree of one task (R11). The order to kill has been written before the first step,
 * so that whatever of the task has not begun will not begin. SIGTERM goes to the group; when the
 * group has ended, or the grace is over, SIGKILL goes to the group and to everything that carries
 * the marker, round after round, until two scans in a row find nobody.
 *
 * <p>Threading: steps on the thread of {@link Pursuits}; {@link #hasten} from any. State: soft;
 * whoever comes after this JVM starts again from {@code killed}.
 */
final class StopPursuit implements Pursuits.Pursuit {

  private static final Logger LOG = LoggerFactory.getLogger(StopPursuit.class);

  /** How long after the grace a wrapper may take to record the end. */
  private static final Duration WRAPPER_GRACE = Duration.ofSeconds(5);

  private static final Duration COMPLAIN_AFTER = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int CLEAN_SCANS = 2;

  private final TaskDirectory task;
  private final boolean terminate;
  private final Duration begun;
  private final CompletableFuture<StopResult> result;
  private volatile Duration killAt;
  private boolean following;
  private Duration complainAt;
  private boolean terminated;
  private int clean;
  private int killed;

  StopPursuit(
      TaskDirectory task,
      boolean terminate,
      Duration begun,
      Duration killAt,
      CompletableFuture<StopResult> result) {
    this.task = task;
    this.terminate = terminate;
    this.begun = begun;
    this.killAt = killAt;
    this.complainAt = killAt.plus(COMPLAIN_AFTER);
    this.result = result;
  }

  /** A later order may shorten the grace, never lengthen it. */
  synchronized void hasten(Duration at) {
    if (at.compareTo(killAt) < 0) {
      killAt = at;
    }
  }

  /** True once: then it is to be followed. */
  synchronized boolean begin() {
    boolean first = !following;
    following = true;
    return first;
  }

  @Override
  public Duration pause() {
    return PAUSE;
  }

  @Override
  public boolean step(Pursuits.Round round) {
    Optional<ProcessIdentity> leader = task.leader();
    boolean leaderLives = leader.filter(ProcessIdentity::isAlive).isPresent();
    boolean due = isDue(round.now());
    if (leaderLives && !due) {
      clean = 0;
      terminate(round, leader.get());
      return false;
    }
    List<ProcStat> living = living(round, leader);
    if (!living.isEmpty()) {
      clean = 0;
      kill(round, living, leader, due);
      return false;
    }
    return round.scan().isCertain()
        && ++clean >= CLEAN_SCANS
        && wrapperIsDone(round)
        && complete(round);
  }

  /** What the guardian holds in doubt cannot end by itself, and must not go on to do so (R12). */
  private boolean isDue(Duration now) {
    if (now.compareTo(killAt) < 0 && LeaseHold.isDoubted(task.data(), task.masterId())) {
      hasten(now);
    }
    return now.compareTo(killAt) >= 0;
  }

  /**
   * The leader publishes its group a moment before it has it; until then SIGTERM would reach
   * nobody.
   */
  private void terminate(Pursuits.Round round, ProcessIdentity leader) {
    boolean hasGroup =
        ProcStat.read(leader.pid()).filter(s -> s.group() == leader.pid()).isPresent();
    if (terminate && !terminated && hasGroup) {
      // A stopped process takes SIGTERM only when it goes on.
      round.signals().toGroup("TERM", leader.pid(), leader.pid(), leader.startTicks());
      round.signals().toGroup("CONT", leader.pid(), leader.pid(), leader.startTicks());
      terminated = true;
    }
  }

  /** The leader is dead, what it has left in its group may end in order too. */
  private void terminateLeft(Pursuits.Round round, List<ProcStat> living, long group) {
    living.stream()
        .filter(p -> terminate && !terminated && p.group() == group)
        .findFirst()
        .ifPresent(
            p -> {
              round.signals().toGroup("TERM", group, p.pid(), p.startTicks());
              round.signals().toGroup("CONT", group, p.pid(), p.startTicks());
              terminated = true;
            });
  }

  private List<ProcStat> living(Pursuits.Round round, Optional<ProcessIdentity> leader) {
    return round.scan().membersOf(task.marker(), wrapper(), leader, endedAtTicks(task));
  }

  /** The group's members first have until the grace is over; nobody else has. */
  private void kill(
      Pursuits.Round round, List<ProcStat> living, Optional<ProcessIdentity> leader, boolean due) {
    long group = leader.map(ProcessIdentity::pid).orElse(-1L);
    boolean groupLives = living.stream().anyMatch(p -> p.group() == group);
    if (!due && (groupLives || leader.isEmpty())) {
      terminateLeft(round, living, group);
      return;
    }
    living.stream()
        .filter(p -> p.group() == group)
        .findFirst()
        .ifPresent(p -> round.signals().toGroup("KILL", group, p.pid(), p.startTicks()));
    living.stream()
        .filter(p -> p.group() != group)
        .forEach(p -> round.signals().toProcess("KILL", p.pid(), p.startTicks()));
    killed += living.size();
    if (round.now().compareTo(complainAt) >= 0) {
      complainAt = round.now().plus(COMPLAIN_AFTER);
      LOG.warn(
          "{}: still alive after SIGKILL: {}",
          task.marker(),
          living.stream().map(ProcStat::pid).toList());
    }
  }

  /** It records the end when the job is dead. One that cannot is not waited for for ever. */
  private boolean wrapperIsDone(Pursuits.Round round) {
    Optional<ProcessIdentity> wrapper = wrapper().filter(ProcessIdentity::isAlive);
    if (wrapper.isEmpty() || task.end().isPresent()) {
      return true;
    }
    if (round.now().compareTo(killAt.plus(WRAPPER_GRACE)) >= 0) {
      round.signals().toProcess("KILL", wrapper.get().pid(), wrapper.get().startTicks());
    }
    return false;
  }

  private boolean complete(Pursuits.Round round) {
    result.complete(new StopResult(false, killed > 0, round.now().minus(begun)));
    return true;
  }

  private Optional<ProcessIdentity> wrapper() {
    return task.claim() instanceof TaskDirectory.Claim.By by
        ? Optional.of(by.wrapper())
        : Optional.empty();
  }

  /**
   * Until when the number of the group was surely the task's; ticks and centiseconds are the same
   * on Linux.
   */
  static long endedAtTicks(TaskDirectory task) {
    return task.end()
        .map(
            end ->
                end instanceof TaskEnd.Exited e
                    ? BootClock.toCentis(e.at())
                    : end instanceof TaskEnd.Signalled s ? BootClock.toCentis(s.at()) : -1L)
        .orElse(-1L);
  }

  @Override
  public String toString() {
    return "stop of " + task.marker();
  }
}
