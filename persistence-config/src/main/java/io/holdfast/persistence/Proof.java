package io.holdfast.persistence;

/**
 * What a look at the journal's place, a data directory or a database, says of this process's right
 * to it (R13).
 */
public sealed interface Proof {
  /** It is ours. */
  record Ours() implements Proof {}

  /** Another process has taken it: this one must not act any more. */
  record Rival(String why) implements Proof {}

  /** It cannot be said: nothing may be done that relies on it. */
  record Unknown(String why) implements Proof {}

  /** Of two places, both of which must be ours. */
  default Proof and(Proof other) {
    return other instanceof Rival || this instanceof Ours ? other : this;
  }
}
