package io.holdfast.master.cli;

import io.holdfast.protocol.Names;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a person names on the command line. Ids of runs and executions cannot be taken for names,
 * because a name has no {@code #}.
 */
sealed interface Ref {
  /** {@code tick#1}. */
  record Run(String id) implements Ref {}

  /** {@code tick#1.1}. */
  record Execution(String id, String run) implements Ref {}

  /** A job, an agent, or either. */
  record Name(String name) implements Ref {}

  Pattern ID = Pattern.compile("([^#/]+)#([1-9][0-9]{0,17})(?:\\.([1-9][0-9]{0,17}))?");

  /** Reads what was written. */
  static Ref parse(String written) {
    Matcher id = ID.matcher(written);
    if (id.matches() && Names.isValid(id.group(1))) {
      String run = id.group(1) + "#" + id.group(2);
      return id.group(3) == null ? new Run(run) : new Execution(written, run);
    }
    return new Name(written);
  }

  /** The run that {@code written} names. */
  static String requireRun(String written) {
    Ref ref = parse(written);
    if (ref instanceof Run run) {
      return run.id();
    }
    if (ref instanceof Execution execution) {
      throw new CliFailure(
          "'%s' is an execution; name its run: %s".formatted(written, execution.run()));
    }
    throw new CliFailure(
        "'%s' is not a run: write JOB#NUMBER, for example tick#1; 'holdfast runs' lists them"
            .formatted(Text.clean(written)));
  }

  /** A name that may stand in a path. */
  static String requireName(String what, String written) {
    if (!Names.isValid(written)) {
      throw new CliFailure("'%s' is not the name of %s".formatted(Text.clean(written), what));
    }
    return written;
  }

  /** The run of a run or an execution; empty for a name. */
  static Optional<String> runOf(Ref ref) {
    if (ref instanceof Run run) {
      return Optional.of(run.id());
    }
    return ref instanceof Execution execution ? Optional.of(execution.run()) : Optional.empty();
  }

  /** An id as it stands in a path. */
  static String inPath(String id) {
    return id.replace("#", "%23");
  }
}
