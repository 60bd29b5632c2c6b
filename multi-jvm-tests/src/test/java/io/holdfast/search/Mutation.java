package io.holdfast.search;

/**
 * One rule that is wrong in one place, and where that shows.
 *
 * @param name what is wrong, in a few words
 * @param rule which rule it breaks
 * @param invariant what the search finds broken
 * @param bounds of the search that finds it
 */
record Mutation(String name, String rule, String invariant, Bounds bounds, Rules rules) {
  @Override
  public String toString() {
    return rule + ": " + name;
  }
}
