package io.holdfast.protocol.id;

/** Reads the decimal numbers inside ids: digits alone, no sign, no leading zero. */
final class Digits {
  private Digits() {}

  static long parse(String what, String whole, String digits, String form) {
    boolean plain =
        !digits.isEmpty()
            && digits.length() <= 19
            && digits.charAt(0) != '0'
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!plain) {
      throw new IllegalArgumentException(what + " '" + whole + "' is not of the form " + form);
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + " '" + whole + "': a number is too large", e);
    }
  }
}
