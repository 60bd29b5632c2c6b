package io.holdfast.agent.process;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One look at all processes of the machine: who carries the marker of which task in its
 * environment, and who is in which group. One scan serves all tasks that wait for one.
 *
 * <p>The list is read until it shows nobody new, so that a process forked during the scan is seen
 * too. A process in the middle of an exec shows an empty environment for a moment and is read
 * again; if it goes on, the scan is not certain. Both narrow a gap that only a second scan closes:
 * nobody is called dead after one.
 *
 * <p>Threading: immutable. Errors: a process that cannot be read (it ended, or is another user's)
 * carries no marker.
 */
final class ProcScan {

  private static final int MOST_LISTINGS = 5;
  private static final int MOST_READS = 4;
  private static final byte[] UNREADABLE = new byte[2];
  private static final long OWN_PID = ProcessHandle.current().pid();
  private static final byte[] TASK =
      ("\0" + TaskDirectory.TASK_MARKER + "=").getBytes(StandardCharsets.US_ASCII);
  private static final byte[] WRAPPER =
      ("\0" + TaskDirectory.WRAPPER_MARKER + "=").getBytes(StandardCharsets.US_ASCII);

  /**
   * A process; the markers are empty where it carries none.
   *
   * @param undecided whether it was in the middle of an exec
   */
  record Found(ProcStat stat, String task, String wrapper, boolean undecided) {
    static Found unmarked(ProcStat stat) {
      return new Found(stat, "", "", false);
    }
  }

  private final List<Found> processes;
  private final Set<Long> pids;
  private final boolean certain;

  private ProcScan(List<Found> processes, Set<Long> pids, boolean certain) {
    this.processes = processes;
    this.pids = pids;
    this.certain = certain;
  }

  /**
   * Looks at all processes.
   *
   * @param foreign what the scan before has learnt; it learns from this one
   */
  static ProcScan take(ForeignProcesses foreign) {
    foreign.begin();
    return new ProcScan(List.of(), Set.of(), true).again(foreign);
  }

  /**
   * The second look, right after this one. Who was there then has been looked at, and what it
   * carries has not changed in between unless this scan is not certain: so only who is new is
   * looked at, at a tenth of the price.
   */
  ProcScan again(ForeignProcesses foreign) {
    List<Found> found = new ArrayList<>(processes);
    Set<Long> seen = new HashSet<>(pids);
    boolean all = certain;
    for (int listing = 0; listing < MOST_LISTINGS; listing++) {
      int before = seen.size();
      for (long pid : pids()) {
        if (seen.add(pid)) {
          Optional<Found> one = look(pid, foreign);
          one.ifPresent(found::add);
          all &= one.isEmpty() || !one.get().undecided();
        }
      }
      if (seen.size() == before) {
        break;
      }
    }
    // Without so much as this process nothing could be read, for want of file handles, say.
    all &= found.stream().anyMatch(p -> p.stat().pid() == OWN_PID);
    return new ProcScan(List.copyOf(found), Set.copyOf(seen), all);
  }

  /** Whether it could see what each process carries: only then does it say that nobody is left. */
  boolean isCertain() {
    return certain;
  }

  /**
   * The living processes of a task: those with its marker, its wrapper's child that is about to
   * become the job, and, where it is proven that the group is still the task's, the members of the
   * group that hide their environment.
   */
  List<ProcStat> membersOf(
      String marker,
      Optional<ProcessIdentity> wrapper,
      Optional<ProcessIdentity> leader,
      long endedAtTicks) {
    long group =
        leader
            .filter(l -> l.bootId().equals(BootClock.currentBootId()))
            .map(ProcessIdentity::pid)
            .orElse(-1L);
    boolean proven =
        processes.stream()
            .filter(p -> p.stat().group() == group)
            .anyMatch(p -> p.task().equals(marker) || isLeader(p.stat(), leader));
    return processes.stream()
        .filter(p -> p.stat().alive())
        .filter(
            p ->
                p.task().equals(marker)
                    || (p.wrapper().equals(marker) && !isLeader(p.stat(), wrapper))
                    || (p.stat().group() == group
                        && (proven || p.stat().startTicks() <= endedAtTicks)))
        .map(Found::stat)
        .toList();
  }

  private static boolean isLeader(ProcStat stat, Optional<ProcessIdentity> identity) {
    return identity
        .filter(i -> i.pid() == stat.pid() && i.startTicks() == stat.startTicks())
        .isPresent();
  }

  private static List<Long> pids() {
    String[] names = ProcStat.PROC.toFile().list();
    List<Long> pids = new ArrayList<>();
    for (String name : names == null ? new String[0] : names) {
      if (Character.isDigit(name.charAt(0))) {
        pids.add(Long.parseLong(name));
      }
    }
    return pids;
  }

  private static Optional<Found> look(long pid, ForeignProcesses foreign) {
    for (int read = 1; ; read++) {
      Optional<ProcStat> now = ProcStat.read(pid);
      if (now.isEmpty()) {
        return Optional.empty();
      }
      ProcStat stat = now.get();
      if (stat.kernelThread() || !stat.alive() || foreign.contains(stat)) {
        return Optional.of(Found.unmarked(stat));
      }
      byte[] environment = environment(pid);
      if (environment.length > 1 || stat.image().isWithoutEnvironment()) {
        return Optional.of(found(stat, environment, foreign));
      }
      if (read == MOST_READS) {
        boolean undecided = !stat.exiting() && foreign.showsNothing(stat);
        return Optional.of(new Found(stat, "", "", undecided));
      }
      Thread.yield();
    }
  }

  private static Found found(ProcStat stat, byte[] environment, ForeignProcesses foreign) {
    Found found = new Found(stat, value(environment, TASK), value(environment, WRAPPER), false);
    if (environment != UNREADABLE && found.task().isEmpty() && found.wrapper().isEmpty()) {
      foreign.add(stat);
    }
    return found;
  }

  /** With a NUL before the first variable, so that each begins after one. */
  private static byte[] environment(long pid) {
    try (FileInputStream in = new FileInputStream("/proc/" + pid + "/environ")) {
      byte[] bytes = in.readAllBytes();
      byte[] all = new byte[bytes.length + 1];
      System.arraycopy(bytes, 0, all, 1, bytes.length);
      return all;
    } catch (IOException unreadable) {
      return UNREADABLE;
    }
  }

  /** The value of the variable, or nothing. */
  static String value(byte[] environment, byte[] key) {
    for (int i = 0; i + key.length <= environment.length; i++) {
      if (environment[i] == 0 && matches(environment, i, key)) {
        int end = i + key.length;
        while (end < environment.length && environment[end] != 0) {
          end++;
        }
        return new String(
            environment, i + key.length, end - i - key.length, StandardCharsets.US_ASCII);
      }
    }
    return "";
  }

  private static boolean matches(byte[] bytes, int from, byte[] key) {
    for (int k = 0; k < key.length; k++) {
      if (bytes[from + k] != key[k]) {
        return false;
      }
    }
    return true;
  }
}
