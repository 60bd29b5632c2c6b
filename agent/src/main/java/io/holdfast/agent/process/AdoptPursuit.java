package io.holdfast.agent.process;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out what is true of a task, from its files and processes, for an agent that comes back (R9,
 * R10). What has not been claimed is claimed with {@code never}.
 *
 * <p>Threading: steps on the thread of {@link Pursuits}. State: soft.
 */
final class AdoptPursuit implements Pursuits.Pursuit {

  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int CLEAN_SCANS = 2;

  private final TaskDirectory task;
  private final String acceptedInBoot;
  private final CompletableFuture<Adoption> result;
  private int clean;

  AdoptPursuit(TaskDirectory task, String acceptedInBoot, CompletableFuture<Adoption> result) {
    this.task = task;
    this.acceptedInBoot = acceptedInBoot;
    this.result = result;
  }

  @Override
  public Duration pause() {
    return PAUSE;
  }

  @Override
  public boolean step(Pursuits.Round round) {
    Optional<Adoption> found = look(round);
    found.ifPresent(result::complete);
    return found.isPresent();
  }

  private Optional<Adoption> look(Pursuits.Round round) {
    TaskDirectory.Claim claim = task.claim();
    // Read in this order: a wrapper that is dead by now has written its record before.
    Optional<Adoption> living =
        claim instanceof TaskDirectory.Claim.By by ? wrapper(by) : Optional.empty();
    Optional<TaskEnd> end = task.end();
    if (end.isPresent()) {
      return Optional.of(new Adoption.Ended(end.get()));
    }
    if (!acceptedInBoot.equals(BootClock.currentBootId())) {
      return Optional.of(new Adoption.HostRestarted());
    }
    if (living.isPresent()) {
      return living;
    }
    if (claim instanceof TaskDirectory.Claim.None) {
      return task.claimNever("agent")
          ? Optional.of(new Adoption.NeverClaimed("agent"))
          : Optional.empty();
    }
    if (claim instanceof TaskDirectory.Claim.Never never) {
      return Optional.of(new Adoption.NeverClaimed(never.by()));
    }
    return search(round, claim);
  }

  private static Optional<Adoption> wrapper(TaskDirectory.Claim.By by) {
    return by.wrapper().isAlive()
        ? Optional.of(new Adoption.Running(by.wrapper(), true))
        : Optional.empty();
  }

  private Optional<Adoption> search(Pursuits.Round round, TaskDirectory.Claim claim) {
    Optional<ProcessIdentity> leader = task.leader();
    if (leader.filter(ProcessIdentity::isAlive).isPresent()) {
      return Optional.of(new Adoption.Running(leader.get(), false));
    }
    List<ProcStat> members = round.scan().membersOf(task.marker(), Optional.empty(), leader, -1);
    if (!members.isEmpty()) {
      clean = 0;
      // A wrapper between creating its claim and writing it says more in a moment.
      return claim instanceof TaskDirectory.Claim.Unidentified
          ? Optional.empty()
          : Optional.of(running(members.get(0)));
    }
    if (!round.scan().isCertain() || ++clean < CLEAN_SCANS) {
      return Optional.empty();
    }
    if (claim instanceof TaskDirectory.Claim.Unidentified) {
      return Optional.of(
          new Adoption.NeverClaimed("somebody who left no name, and therefore ran nothing"));
    }
    TaskEnd end = withoutRecord(leader);
    return Optional.of(
        end instanceof TaskEnd.Vanished vanished
            ? new Adoption.Gone(vanished.why())
            : new Adoption.Ended(end));
  }

  private static Adoption running(ProcStat process) {
    ProcessIdentity identity =
        new ProcessIdentity(process.pid(), process.startTicks(), BootClock.currentBootId());
    return new Adoption.Running(identity, false);
  }

  /**
   * What follows when nobody of a claimed task lives and there is no record: the group is published
   * before the job begins.
   */
  static TaskEnd withoutRecord(Optional<ProcessIdentity> leader) {
    return leader.isPresent()
        ? new TaskEnd.Vanished(
            "its wrapper was killed before it could record the end; the job may have run")
        : new TaskEnd.NotStarted("its wrapper was killed before the job began");
  }

  @Override
  public String toString() {
    return "adoption of " + task.marker();
  }
}
