package io.holdfast.agent.process;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Renders environment variables as shell assignments that a shell reads back byte for byte: {@code
 * NAME='value'}, where a quote becomes {@code '\''}. They do not go through {@link ProcessBuilder},
 * which would encode them with the platform's charset and lose what that cannot express.
 */
final class TaskEnvironment {

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Read-only in some shells, or checked by them: assigning these would end the shell. */
  private static final Set<String> SHELL_OWNED =
      Set.of(
          "_",
          "BASHOPTS",
          "BASH_VERSINFO",
          "EUID",
          "IFS",
          "LINENO",
          "OPTIND",
          "PPID",
          "SHELLOPTS",
          "UID");

  static final String OURS = "HOLDFAST__";

  private TaskEnvironment() {}

  /** Throws IllegalArgumentException for what no environment can hold. */
  static void append(StringBuilder out, Map<String, String> variables) {
    variables.forEach(
        (name, value) -> {
          if (!NAME.matcher(name).matches()
              || SHELL_OWNED.contains(name)
              || name.startsWith(OURS)
              || name.equals(TaskDirectory.WRAPPER_MARKER)) {
            throw new IllegalArgumentException("not usable as an environment variable: " + name);
          }
          assign(out, name, value);
        });
  }

  /**
   * The agent's own locale, for a job that names none. The wrapper itself runs without one: loading
   * it costs as much as an exec.
   */
  static void appendLocale(StringBuilder out, Map<String, String> agents, Set<String> named) {
    agents.forEach(
        (name, value) -> {
          if (isLocale(name) && !named.contains(name) && NAME.matcher(name).matches()) {
            assign(out, name, value);
          }
        });
  }

  static boolean isLocale(String name) {
    return name.equals("LANG") || name.equals("LANGUAGE") || name.startsWith("LC_");
  }

  static void assign(StringBuilder out, String name, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("the value of " + name + " contains a NUL character");
    }
    out.append(name).append("='").append(value.replace("'", "'\\''")).append("'\n");
  }
}
