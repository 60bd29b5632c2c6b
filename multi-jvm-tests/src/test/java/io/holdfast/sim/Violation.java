package io.holdfast.sim;

/** A world in which a promise was broken. */
record Violation(Invariant invariant, String what, long at, long steps) {
  @Override
  public String toString() {
    return invariant
        + " ("
        + invariant.words
        + ") is violated after "
        + steps
        + " steps, "
        + at / World.MILLI
        + " ms: "
        + what;
  }
}
