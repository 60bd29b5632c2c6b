package io.holdfast.sim;

/** SplitMix64: all chance of a simulated world, from one seed. */
final class Dice {
  private long state;

  Dice(long seed) {
    this.state = seed;
  }

  long next() {
    state += 0x9E3779B97F4A7C15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** From 0 to {@code bound - 1}. */
  int below(int bound) {
    return (int) Math.floorMod(next() >>> 1, (long) bound);
  }

  /** From {@code least} to {@code most}, both included. */
  long between(long least, long most) {
    return most <= least ? least : least + Math.floorMod(next() >>> 1, most - least + 1);
  }

  boolean permille(int chance) {
    return chance > 0 && below(1000) < chance;
  }

  /** Another stream, so that what one part draws does not change what another draws. */
  Dice split() {
    return new Dice(next() ^ 0x5851F42D4C957F2DL);
  }
}
