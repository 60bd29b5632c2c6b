package io.holdfast.search;

/** An invariant does not hold. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String invariant;

  Violation(String invariant, String message) {
    super(message, null, false, false);
    this.invariant = invariant;
  }

  String invariant() {
    return invariant;
  }
}
