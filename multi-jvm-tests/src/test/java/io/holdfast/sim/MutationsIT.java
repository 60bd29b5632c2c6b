package io.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Breaks one rule after the other: the same worlds that find nothing wrong with Holdfast must find
 * out each of them. What was found is in {@code target/guarantees}.
 */
class MutationsIT {
  private static final long SEEDS = 400;
  private static final Path FOLDER = Path.of("target", "guarantees");

  @Test
  void everyBrokenRuleIsFoundOut() throws IOException {
    Files.createDirectories(FOLDER);
    List<String> table = new ArrayList<>();
    table.add("mutation\trule\tcaught by\tinvariant\tsteps or states\tseconds");
    List<Mutation> missed = new ArrayList<>();
    for (Mutation mutation : Mutation.values()) {
      long began = System.nanoTime();
      long steps = 0;
      World found = null;
      for (long seed = 0; seed < SEEDS && found == null; seed++) {
        World world = new World(seed, new Options(seed), mutation, new BitSet(), null);
        world.run();
        steps += world.agenda.steps();
        found = world.violation() == null ? null : world;
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      if (found == null) {
        missed.add(mutation);
        continue;
      }
      table.add(
          String.format(
              Locale.ROOT,
              "%s\t%s\tsimulation, seed %d\t%s\t%d\t%.1f",
              mutation.words,
              mutation.rule,
              found.seed,
              found.violation().invariant(),
              steps,
              seconds));
      Files.writeString(
          FOLDER.resolve(mutation.name().toLowerCase(Locale.ROOT) + ".txt"),
          Shrinker.shrink(found.seed, mutation, 60));
    }
    Files.write(FOLDER.resolve("simulation.tsv"), table);
    assertThat(missed).as("broken rules that nobody noticed").isEmpty();
  }
}
