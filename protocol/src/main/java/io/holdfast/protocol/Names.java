package io.holdfast.protocol;

import java.util.regex.Pattern;

/**
 * The one rule for names that people choose (masters, agents, jobs): {@code [A-Za-z0-9._-]}, 1 to
 * 100 characters, no leading dot, so that none can become a path or break an id that contains it.
 */
public final class Names {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");

  private Names() {}

  /** Whether {@code value} may be used as a name. */
  public static boolean isValid(String value) {
    return value != null && NAME.matcher(value).matches();
  }

  /**
   * Returns {@code value}.
   *
   * @throws IllegalArgumentException naming {@code what}, the value and the rule it breaks
   */
  public static String require(String what, String value) {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          what
              + " '"
              + value
              + "' is not a name: use 1 to 100 of the characters A-Z a-z 0-9 . _ - and no leading dot");
    }
    return value;
  }
}
