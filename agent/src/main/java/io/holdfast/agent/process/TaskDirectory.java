package io.holdfast.agent.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files of one task: {@code <data>/masters/<masterId>/tasks/<executionId>/}. They are what an
 * agent, its successor, the task's wrapper and the guardian agree by.
 *
 * <table>
 * <caption>Hard state. Times are centiseconds of /proc/uptime.</caption>
 * <tr><td>job, env</td><td>what to run; written by {@link #create}, executable bit = begins with #!</td></tr>
 * <tr><td>keep</td><td>the guardian leaves this task alone (R6)</td></tr>
 * <tr><td>started</td><td>the claim (R9): {@code PID TICKS BOOT_ID} or {@code never WHO}; created once, never changed.
 * There without contents: claimed by somebody who died or could not write, and who therefore runs nothing</td></tr>
 * <tr><td>pgid</td><td>{@code PID TICKS BOOT_ID} of the job's session leader; written before the job begins</td></tr>
 * <tr><td>killed</td><td>{@code KILL_AT BOOT_ID WHO REASON}: to be stopped, for good (R11); created once</td></tr>
 * <tr><td>exit</td><td>{@code exit CODE ENDED_AT LEFT} (LEFT is 1 if the group still had members then) or {@code
 * not-started REASON}</td></tr>
 * <tr><td>stdout, stderr</td><td>appended to by the job</td></tr>
 * <tr><td>quota, stdout.cut, stderr.cut</td><td>see {@link TaskOutput}</td></tr>
 * </table>
 *
 * <p>Threading: immutable; the files are the state. Errors: {@link UncheckedIOException}.
 */
public record TaskDirectory(Path data, String masterId, String executionId, String journalId) {

  /** In the environment of the job and of everything that it starts. */
  static final String TASK_MARKER = "HOLDFAST_TASK";

  /**
   * In the environment of the wrapper, and of its child until that has become the job's session.
   */
  static final String WRAPPER_MARKER = "HOLDFAST_WRAPPER";

  /** The record of how many bytes each stream may have. */
  static final String QUOTA = "quota";

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_#-][A-Za-z0-9._#-]{0,199}");
  static final FileAttribute<Set<PosixFilePermission>> PRIVATE = permissions("rwx------");
  private static final FileAttribute<Set<PosixFilePermission>> PLAIN = permissions("rw-------");

  public TaskDirectory {
    Objects.requireNonNull(data, "data");
    requireId(masterId);
    requireId(executionId);
    requireId(journalId);
    data = data.toAbsolutePath();
  }

  /**
   * What a task is made of.
   *
   * @param job the script; with a {@code #!} line its interpreter runs it, otherwise the shell
   * @param workingDirectory an absolute path
   * @param keep {@code on-connection-loss: keep}
   * @param outputQuota how many bytes of each stream are kept
   */
  public record Contents(
      String job,
      Map<String, String> environment,
      Path workingDirectory,
      boolean keep,
      long outputQuota) {

    /** Without a quota. */
    public Contents(
        String job, Map<String, String> environment, Path workingDirectory, boolean keep) {
      this(job, environment, workingDirectory, keep, Long.MAX_VALUE);
    }

    public Contents {
      environment = Map.copyOf(environment);
      if (!workingDirectory.isAbsolute()) {
        throw new IllegalArgumentException("not an absolute path: " + workingDirectory);
      }
    }
  }

  /**
   * Creates the directory and what is in it. Not synced: after a crash of the machine the boot has
   * changed, and then nothing here counts as "not started".
   *
   * @throws IllegalArgumentException for an environment that cannot be
   * @throws IllegalStateException when the task exists
   */
  public void create(Contents contents) {
    StringBuilder env = new StringBuilder(512);
    TaskEnvironment.append(env, contents.environment());
    TaskEnvironment.appendLocale(env, System.getenv(), contents.environment().keySet());
    TaskEnvironment.assign(env, TASK_MARKER, marker());
    TaskEnvironment.assign(env, TaskEnvironment.OURS + "W", contents.workingDirectory().toString());
    try {
      createDirectory();
      write("env", env.toString(), PLAIN);
      write("job", contents.job(), contents.job().startsWith("#!") ? PRIVATE : PLAIN);
      if (contents.outputQuota() != Long.MAX_VALUE) {
        write(QUOTA, contents.outputQuota() + "\n", PLAIN);
      }
      if (contents.keep()) {
        write("keep", "", PLAIN);
      }
    } catch (FileAlreadyExistsException e) {
      throw new IllegalStateException("the task exists already: " + path(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void createDirectory() throws IOException {
    try {
      Files.createDirectory(path(), PRIVATE);
    } catch (NoSuchFileException noParent) {
      Files.createDirectories(path().getParent(), PRIVATE);
      Files.createDirectory(path(), PRIVATE);
    }
  }

  private void write(String name, String text, FileAttribute<?> mode) throws IOException {
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (WritableByteChannel out = Files.newByteChannel(file(name), options, mode)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  public Path path() {
    return data.resolve("masters").resolve(masterId).resolve("tasks").resolve(executionId);
  }

  public Path stdout() {
    return file("stdout");
  }

  public Path stderr() {
    return file("stderr");
  }

  /** Unique to this task in this life of the data directory. */
  String marker() {
    return masterId + "/" + executionId + "@" + journalId;
  }

  Path file(String name) {
    return path().resolve(name);
  }

  /** How {@code started} stands. */
  sealed interface Claim {
    record None() implements Claim {}

    record Never(String by) implements Claim {}

    record By(ProcessIdentity wrapper) implements Claim {}

    /** Somebody created the file and did not, or not yet, write a name into it. */
    record Unidentified() implements Claim {}
  }

  Claim claim() {
    Optional<String> record = Records.read(file("started"));
    if (record.isEmpty()) {
      return Files.exists(file("started")) ? new Claim.Unidentified() : new Claim.None();
    }
    if (record.get().startsWith("never")) {
      return new Claim.Never(record.get().substring(5).trim());
    }
    return ProcessIdentity.parse(record.get())
        .<Claim>map(Claim.By::new)
        .orElseGet(Claim.Unidentified::new);
  }

  /** Competes for the claim, so that the task never starts (R9). */
  boolean claimNever(String by) {
    try {
      Files.createDirectories(path(), PRIVATE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Records.createOnce(file("started"), "never " + by);
  }

  Optional<ProcessIdentity> leader() {
    return Records.read(file("pgid")).flatMap(ProcessIdentity::parse);
  }

  /** Orders the end of the task; an order that stands already stays. Returns whether it is ours. */
  boolean orderKill(Duration killAt, String reason) {
    String line =
        BootClock.toCentis(killAt)
            + (" " + BootClock.currentBootId() + " agent ")
            + reason.replaceAll("\\s+", " ");
    return Records.createOnce(file("killed"), line);
  }

  /** The words of the order that stands: when, in which boot, who, why. */
  private Optional<String[]> killOrder() {
    return Records.read(file("killed"))
        .map(line -> line.split(" ", 4))
        .filter(words -> words.length == 4);
  }

  /** Who gave the order, or nothing where that cannot be read. */
  String killedBy() {
    return killOrder().map(words -> words[2]).orElse("");
  }

  /**
   * When the order that stands ends the grace; empty without an order, and for one of another boot.
   */
  Optional<Duration> killTime() {
    return killOrder()
        .filter(words -> words[1].equals(BootClock.currentBootId()))
        .filter(words -> words[0].matches("[0-9]{1,15}"))
        .map(words -> BootClock.ofCentis(Long.parseLong(words[0])));
  }

  /** Why it was ordered to be killed, in the words of who gave the order; empty without one. */
  public Optional<String> killReason() {
    return killOrder().map(words -> words[3]);
  }

  /** How it ended, as its wrapper has recorded it. */
  public Optional<TaskEnd> end() {
    return Records.read(file("exit")).flatMap(TaskEnd::parse);
  }

  private static void requireId(String id) {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("not usable as a file name: " + id);
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(String mode) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
  }
}
