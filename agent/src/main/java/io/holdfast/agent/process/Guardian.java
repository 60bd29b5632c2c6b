package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The small process beside the agent that stops the tasks of a master whose lease is over, when the
 * agent's JVM is dead, hung or stopped (R12); see {@code guardian.sh}. It outlives the JVM, in a
 * session of its own, and ends when the agent is dead and no task is left.
 *
 * <p>One guardian for each data directory: it holds a lock ({@code flock} on {@code guardian.lock})
 * that the kernel drops with it. A second one ends at once. The record {@code guardian} names it,
 * the record {@code agent} names the JVM that it is to watch and the script that this JVM wants; a
 * guardian of another release ends for it.
 *
 * <p>It touches {@code guardian.tick} with every look. One that has not done so for {@link #HUNG}
 * by the agent's clock is killed and replaced: a stopped guardian guards nothing. Nothing is handed
 * over but files, so that a new one goes on where the old one was.
 *
 * <p>Threading: {@link #ensure} from one thread at a time; it starts a process only when none
 * lives. Hard state: the two records. Errors: IOException when it cannot be started; the agent must
 * then not accept tasks.
 */
public final class Guardian {

  private static final Logger LOG = LoggerFactory.getLogger(Guardian.class);
  private static final Path SHELL = Path.of("/bin/sh");

  /** Longer than a look at thousands of processes takes on a busy machine. */
  static final Duration HUNG = Duration.ofSeconds(20);

  private static final int HUNG_LOOKS = 10;

  private final Path data;
  private final String journalId;
  private final Path shell;
  private final Path setsid;
  private final Path script;
  private final Supplier<Duration> clock;
  private boolean announced;
  private Optional<FileTime> tick = Optional.empty();
  private Duration tickSeen = Duration.ZERO;
  private int unchanged;

  public static Guardian open(Path data, String journalId) throws IOException {
    return new Guardian(data.toAbsolutePath(), journalId, SHELL, BootClock.open()::now);
  }

  Guardian(Path data, String journalId, Path shell, Supplier<Duration> clock) throws IOException {
    this.clock = clock;
    this.data = data;
    this.journalId = journalId;
    this.shell = shell;
    this.setsid = Launcher.findProgram("setsid");
    Launcher.findProgram("flock");
    this.script = Scripts.install(data).guardian();
  }

  /**
   * Starts a guardian if none lives. Cheap when one does; call it each heartbeat period. Returns
   * the living one.
   */
  public synchronized Optional<ProcessIdentity> ensure() throws IOException {
    if (!announced) {
      announce(ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow());
      announced = true;
    }
    Optional<ProcessIdentity> living = living();
    if (living.isPresent() && isHung()) {
      LOG.warn("the guardian has not moved for {} s and is replaced", HUNG.toSeconds());
      ProcessHandle.of(living.get().pid()).ifPresent(ProcessHandle::destroyForcibly);
      tick = Optional.empty();
    } else if (living.isEmpty()) {
      start();
    }
    return living;
  }

  private boolean isHung() throws IOException {
    Path file = data.resolve("guardian.tick");
    Optional<FileTime> now =
        Files.exists(file) ? Optional.of(Files.getLastModifiedTime(file)) : Optional.empty();
    if (tick.isEmpty() || !now.equals(tick)) {
      tick = now;
      tickSeen = clock.get();
      unchanged = 0;
      return false;
    }
    // After a suspension both have seen nothing for long: it must have had its chance since.
    return ++unchanged >= HUNG_LOOKS && clock.get().minus(tickSeen).compareTo(HUNG) > 0;
  }

  /** The guardian that lives and has recorded itself; one just started does so a moment later. */
  public Optional<ProcessIdentity> living() {
    return Records.read(data.resolve("guardian"))
        .map(line -> line.substring(0, Math.max(0, line.lastIndexOf(' '))))
        .flatMap(ProcessIdentity::parse)
        .filter(ProcessIdentity::isAlive);
  }

  /** Says which process is the agent. */
  void announce(ProcessIdentity agent) {
    Records.replace(data.resolve("agent"), agent.toLine() + " " + script.getFileName());
  }

  Process start() throws IOException {
    Files.createDirectories(data);
    ProcessBuilder builder =
        new ProcessBuilder(
                setsid.toString(),
                shell.toString(),
                script.toString(),
                journalId,
                BootClock.currentBootId())
            .directory(data.toFile())
            .redirectInput(new java.io.File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    Launcher.prepareEnvironment(builder.environment());
    return builder.start();
  }
}
