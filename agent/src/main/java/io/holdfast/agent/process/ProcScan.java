package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
 * again. Both narrow a gap that only a second scan closes: nobody is called dead after one.
 *
 * <p>Threading: immutable. Errors: a process that cannot be read (it ended, or is another user's)
 * carries no marker.
 */
final class ProcScan {

  private static final int MOST_LISTINGS = 5;
  private static final int MOST_READS = 4;
  private static final byte[] TASK =
      ("\0" + TaskDirectory.TASK_MARKER + "=").getBytes(StandardCharsets.US_ASCII);
  private static final byte[] WRAPPER =
      ("\0" + TaskDirectory.WRAPPER_MARKER + "=").getBytes(StandardCharsets.US_ASCII);

  /** A process; the markers are empty where it carries none. */
  record Found(ProcStat stat, String task, String wrapper) {}

  private final List<Found> processes;

  private ProcScan(List<Found> processes) {
    this.processes = processes;
  }

  static ProcScan take() {
    List<Found> found = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    for (int listing = 0; listing < MOST_LISTINGS; listing++) {
      int before = seen.size();
      for (long pid : pids()) {
        if (seen.add(pid)) {
          look(pid).ifPresent(found::add);
        }
      }
      if (seen.size() == before) {
        break;
      }
    }
    return new ProcScan(List.copyOf(found));
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

  private static Optional<Found> look(long pid) {
    for (int read = 1; ; read++) {
      Optional<ProcStat> stat = ProcStat.read(pid);
      if (stat.isEmpty()) {
        return Optional.empty();
      }
      if (stat.get().kernelThread() || !stat.get().alive()) {
        return Optional.of(new Found(stat.get(), "", ""));
      }
      byte[] environment = environment(pid);
      if (environment.length > 1 || read == MOST_READS) {
        return Optional.of(
            new Found(stat.get(), value(environment, TASK), value(environment, WRAPPER)));
      }
      Thread.yield();
    }
  }

  /** With a NUL before the first variable, so that each begins after one. */
  private static byte[] environment(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(ProcStat.PROC.resolve(pid + "/environ"));
      byte[] all = new byte[bytes.length + 1];
      System.arraycopy(bytes, 0, all, 1, bytes.length);
      return all;
    } catch (IOException unreadable) {
      return new byte[2];
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
