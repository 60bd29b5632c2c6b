package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What jobs really did, told by themselves: each execution appends a line when it starts and when
 * it ends. Neither master nor agent takes part, so this is the witness for "at most once at a time"
 * and "never executed again".
 *
 * <p>Two kinds of evidence, of which neither accuses wrongly:
 *
 * <ul>
 *   <li><b>Times</b>: the uptime of the machine, which no clock change moves, in 1/100 s. One
 *       execution was alive at its {@code start} and another at its {@code end}, so if the former
 *       lies inside the latter they did overlap.
 *   <li><b>Locks</b>: each execution tries a lock of its job, which all of its descendants inherit.
 *       {@code overlap} means that something of another execution lived at that moment, even a
 *       grandchild that nobody stopped.
 * </ul>
 *
 * <p>An execution that is killed writes no {@code end}. Say when it died ({@link #overlaps(String,
 * Map)}), or let the lock of the next one prove that it was dead by then.
 */
public final class EffectLedger {
  private final Path file;

  /** A ledger in {@code folder}, one file per test. */
  public EffectLedger(Path folder, String test) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    file = folder.toAbsolutePath().resolve(test.replaceAll("[^A-Za-z0-9._-]", "_") + ".ledger");
  }

  /** What a line says. */
  public enum Kind {
    /** With the pid. */
    START,
    /** With the exit code. */
    END,
    /** The lock of the job was free: whatever ran before was dead. */
    LOCKED,
    /** The lock of the job was held: another execution of it lived. */
    OVERLAP
  }

  /** One line. {@code value}: the pid, the exit code, else 0. */
  public record Entry(Kind kind, String execution, long uptimeCentis, long value) {
    /** The job of the execution: {@code tick} for {@code tick#42.1}. */
    public String job() {
      return jobOf(execution);
    }
  }

  /** Two executions of one job that lived at the same time. */
  public record Overlap(String earlier, String later, String evidence) {}

  public Path file() {
    return file;
  }

  /**
   * The script of a job (POSIX sh) that does {@code body} and keeps the ledger. The body runs in a
   * subshell; its exit code is that of the script.
   */
  public String script(String body) {
    String lines =
        """
        ledger=%s
        now() { read -r uptime idle < /proc/uptime; uptime="${uptime%%.*}${uptime#*.}"; }
        lock=
        if command -v flock > /dev/null; then
          exec 9>> "$ledger.${HOLDFAST_EXECUTION%%%%#*}.lock"
          if flock -n 9; then lock=locked; else lock=overlap; fi
        fi
        now
        printf '%%s' "start $HOLDFAST_EXECUTION $uptime $$
        ${lock:+$lock $HOLDFAST_EXECUTION $uptime
        }" >> "$ledger"
        (
        %s
        )
        code=$?
        now
        echo "end $HOLDFAST_EXECUTION $uptime $code" >> "$ledger"
        exit $code
        """;
    return lines.formatted(quoted(file.toString()), body);
  }

  /** A job file with one such job. */
  public String jobYaml(String job, String target, String body) {
    return "jobs:\n  " + job + ":\n    " + target + "\n    run: |\n" + script(body).indent(6);
  }

  /** The uptime of the machine, as the scripts write it. */
  public static long uptimeCentis() {
    try {
      return Long.parseLong(
          Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0].replace(".", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All whole lines, in the order of the file. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    String text = text();
    int number = 0;
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
      number++;
      if (!line.isEmpty()) {
        entries.add(parse(line, number));
      }
    }
    return entries;
  }

  /** How often the execution has begun. */
  public int starts(String execution) {
    return of(Kind.START, execution).size();
  }

  /** How often the execution has come to its end by itself. */
  public int ends(String execution) {
    return of(Kind.END, execution).size();
  }

  /** The executions of a job that have begun, in that order, each once. */
  public List<String> executions(String job) {
    return entries().stream()
        .filter(entry -> entry.kind() == Kind.START && entry.job().equals(job))
        .map(Entry::execution)
        .distinct()
        .toList();
  }

  /** The executions that found the lock of their job held. */
  public List<String> executionsOverlapping() {
    return entries().stream()
        .filter(entry -> entry.kind() == Kind.OVERLAP)
        .map(Entry::execution)
        .toList();
  }

  /**
   * As {@link #overlaps(String, Map)}, where no execution was killed or the locks are proof enough.
   */
  public List<Overlap> overlaps(String job) {
    return overlaps(job, Map.of());
  }

  /**
   * The executions of one job that lived at the same time.
   *
   * @param deaths for killed executions the uptime at which they were seen dead, see {@link
   *     #uptimeCentis}. One that has neither ended nor is named here, nor is proven dead by a lock,
   *     counts as alive to this day.
   */
  public List<Overlap> overlaps(String job, Map<String, Long> deaths) {
    return LedgerLives.of(entries(), job, deaths).overlaps();
  }

  /** Fails, with the whole ledger, unless each has begun exactly once. */
  public void assertExecutedOnce(String... executions) {
    for (String execution : executions) {
      check(starts(execution) == 1, execution + " began " + starts(execution) + " times, not once");
    }
  }

  /** Fails, with the whole ledger, if two executions of the job lived at the same time. */
  public void assertNoOverlap(String job, Map<String, Long> deaths) {
    List<Overlap> overlaps = overlaps(job, deaths);
    check(overlaps.isEmpty(), "executions of " + job + " overlapped: " + overlaps);
  }

  /** Waits until the execution has begun, and returns its pid. */
  public long awaitStart(String execution, Duration timeout) {
    return await(Kind.START, execution, timeout).value();
  }

  /** Waits until the execution has come to its end by itself, and returns the exit code. */
  public int awaitEnd(String execution, Duration timeout) {
    return Math.toIntExact(await(Kind.END, execution, timeout).value());
  }

  @Override
  public String toString() {
    return file + ":\n" + text();
  }

  private Entry await(Kind kind, String execution, Duration timeout) {
    return Await.value(
        timeout,
        () -> of(kind, execution).stream().findFirst(),
        () -> "no " + kind + " of " + execution + " within " + timeout + " in " + this);
  }

  private List<Entry> of(Kind kind, String execution) {
    return entries().stream()
        .filter(entry -> entry.kind() == kind && entry.execution().equals(execution))
        .toList();
  }

  private void check(boolean holds, String complaint) {
    if (!holds) {
      throw new AssertionError(complaint + "\n" + this);
    }
  }

  private Entry parse(String line, int number) {
    try {
      String[] words = line.split(" ");
      Kind kind = Kind.valueOf(words[0].toUpperCase(Locale.ROOT));
      boolean hasValue = kind == Kind.START || kind == Kind.END;
      if (words.length == (hasValue ? 4 : 3)) {
        return new Entry(
            kind, words[1], Long.parseLong(words[2]), hasValue ? Long.parseLong(words[3]) : 0);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(file + " line " + number + " is not of a ledger: " + line, e);
    }
    throw new IllegalStateException(file + " line " + number + " is not of a ledger: " + line);
  }

  private String text() {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String jobOf(String execution) {
    int hash = execution.lastIndexOf('#');
    return hash < 0 ? execution : execution.substring(0, hash);
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
