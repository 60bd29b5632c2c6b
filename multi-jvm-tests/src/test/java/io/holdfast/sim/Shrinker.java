package io.holdfast.sim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a failing world small: leaves out faults and the noise of network and disks as long as the
 * same promise is still broken. A world ends with the first violation, so its prefix is the
 * shortest already.
 */
final class Shrinker {
  private static final Pattern EXECUTION = Pattern.compile("j\\d+#\\d+\\.\\d+");
  private static final Pattern ABROAD =
      Pattern.compile(" fault | reboots| starts$| gives way| dies | notes Activated");

  private final long seed;
  private final Mutation mutation;
  private final Options options;
  private final BitSet dropped = new BitSet();
  private Violation violation;
  private int budget;
  private int faults;

  private Shrinker(long seed, Mutation mutation, int budget) {
    this.seed = seed;
    this.mutation = mutation;
    this.options = Options.of(seed, mutation);
    this.budget = budget;
  }

  /**
   * What is left of a failing world, with its trace.
   *
   * @param budget how many worlds may be tried
   */
  static String shrink(long seed, Mutation mutation, int budget) {
    return new Shrinker(seed, mutation, budget).report();
  }

  private World world(BitSet without, StringBuilder trace) {
    World world = new World(seed, options, mutation, without, trace);
    world.run();
    return world;
  }

  private String report() {
    World first = world(dropped, null);
    violation = first.violation();
    if (violation == null) {
      return "seed " + seed + " breaks nothing";
    }
    faults = first.faults.count();
    quieten();
    leaveOutFaults();
    StringBuilder trace = new StringBuilder();
    World last = world(dropped, trace);
    return (mutation == null ? "" : "broken rule: " + mutation.words + " (" + mutation.rule + ")\n")
        + last.violation()
        + "\nseed "
        + seed
        + ": "
        + Options.of(seed, mutation)
        + "\nmade small: "
        + options
        + "; faults "
        + kept()
        + " of "
        + faults
        + "\n\nThe story of it:\n"
        + story(last.violation(), trace)
        + "\nThe whole trace:\n"
        + trace;
  }

  /** What the trace says of the executions that the violation names, and the faults meanwhile. */
  private static String story(Violation of, StringBuilder trace) {
    Set<String> about = new HashSet<>();
    Matcher named = EXECUTION.matcher(of.what());
    while (named.find()) {
      about.add(named.group());
    }
    StringBuilder story = new StringBuilder();
    boolean begun = false;
    for (String line : trace.toString().split("\\R")) {
      boolean concerns = about.stream().anyMatch(id -> line.contains(id));
      begun |= concerns;
      if (concerns || (begun && (ABROAD.matcher(line).find()))) {
        story.append(line, 0, Math.min(line.length(), 200)).append('\n');
      }
    }
    return story.toString();
  }

  private List<Integer> kept() {
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < faults; i++) {
      if (!dropped.get(i)) {
        kept.add(i);
      }
    }
    return kept;
  }

  private boolean stillFails(BitSet without) {
    if (budget-- <= 0) {
      return false;
    }
    Violation now = world(without, null).violation();
    return now != null && now.invariant() == violation.invariant();
  }

  private void quieten() {
    quieten(o -> o.duplicates, (o, much) -> o.duplicates = much);
    quieten(o -> o.loss, (o, much) -> o.loss = much);
    quieten(o -> o.tails, (o, much) -> o.tails = much);
    quieten(o -> o.crashAtBoundary, (o, much) -> o.crashAtBoundary = much);
    quieten(o -> o.writeFails, (o, much) -> o.writeFails = much);
    quieten(o -> o.crashAtLaunch, (o, much) -> o.crashAtLaunch = much);
  }

  private void quieten(ToIntFunction<Options> get, ObjIntConsumer<Options> set) {
    int before = get.applyAsInt(options);
    set.accept(options, 0);
    set.accept(options, stillFails(dropped) ? 0 : before);
  }

  private void leaveOutFaults() {
    for (int size = Math.max(1, faults / 2); budget > 0; size /= 2) {
      for (int from = 0; from < faults && budget > 0; from += size) {
        BitSet without = (BitSet) dropped.clone();
        without.set(from, Math.min(faults, from + size));
        if (!without.equals(dropped) && stillFails(without)) {
          dropped.or(without);
        }
      }
      if (size == 1) {
        return;
      }
    }
  }
}
