package io.holdfast.testing.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a test needs of the machine. Where it is missing the test is skipped, and says so; where
 * nothing may be skipped (the environment has CI) it fails instead.
 */
public final class Needed {
  private static final long MAY_MOUNT = 1L << 21; // CAP_SYS_ADMIN

  private Needed() {}

  /** Goes on where {@code isThere}. */
  public static void require(boolean isThere, String whatIsMissing) {
    require(isThere, isSet(System.getenv("CI")), whatIsMissing);
  }

  /**
   * Goes on where a file system could be mounted. It is nobody's fault where this process may not:
   * then the test is skipped in any case.
   */
  public static void requireMount(boolean isMounted, String what) {
    boolean mayMount = mayMount();
    require(
        isMounted,
        isSet(System.getenv("CI")) && mayMount,
        what
            + " cannot be mounted here ("
            + (mayMount ? "tmpfs is refused" : "it needs root, or CAP_SYS_ADMIN")
            + ")");
  }

  static void require(boolean isThere, boolean nothingMayBeSkipped, String whatIsMissing) {
    if (nothingMayBeSkipped) {
      assertTrue(isThere, whatIsMissing + "; with CI in the environment no test is skipped");
    } else {
      assumeTrue(isThere, whatIsMissing + ": not tested");
    }
  }

  static boolean isSet(String variable) {
    return variable != null && !variable.isEmpty();
  }

  private static boolean mayMount() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("CapEff:"))
          .anyMatch(
              line -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) & MAY_MOUNT) != 0);
    } catch (IOException withoutProc) {
      return false;
    }
  }
}
