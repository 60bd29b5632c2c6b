package io.holdfast.agent.process;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One process, and never another that inherited its number: pid, start time in clock ticks since
 * boot, and the boot (R10). Nothing in this package acts on a bare pid.
 *
 * <p>Threading: immutable. Hard state: it is written as {@code PID TICKS BOOT_ID} into the files of
 * a task, by shell scripts too. Without {@code /proc} the ticks are 0, and only the pid can be
 * compared.
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,18}) (\\d{1,18}) ([A-Za-z0-9-]+)");

  public ProcessIdentity {
    Objects.requireNonNull(bootId, "bootId");
    if (pid <= 1) {
      // A group or a signal for "everything" must never come out of a damaged record.
      throw new IllegalArgumentException("not the pid of a task's process: " + pid);
    }
  }

  /** The process that has this number now, if it lives. */
  public static Optional<ProcessIdentity> of(long pid) {
    if (pid <= 1) {
      return Optional.empty();
    }
    if (!ProcStat.AVAILABLE) {
      return ProcessHandle.of(pid).map(p -> new ProcessIdentity(pid, 0, BootClock.currentBootId()));
    }
    return ProcStat.read(pid)
        .filter(ProcStat::alive)
        .map(stat -> new ProcessIdentity(pid, stat.startTicks(), BootClock.currentBootId()));
  }

  /** Reads {@code PID TICKS BOOT_ID}; anything else is absent. */
  static Optional<ProcessIdentity> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || Long.parseLong(matcher.group(1)) <= 1) {
      return Optional.empty();
    }
    return Optional.of(
        new ProcessIdentity(
            Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)), matcher.group(3)));
  }

  public boolean isAlive() {
    if (!bootId.equals(BootClock.currentBootId())) {
      return false;
    }
    if (!ProcStat.AVAILABLE) {
      return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
    return ProcStat.read(pid).filter(s -> s.alive() && s.startTicks() == startTicks).isPresent();
  }

  /** As in the files. */
  String toLine() {
    return pid + " " + startTicks + " " + bootId;
  }
}
