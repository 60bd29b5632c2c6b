package io.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Breaks one rule after the other: the same worlds that find nothing wrong with Holdfast must find
 * out each of them. What was found is in {@code target/guarantees}.
 */
class MutationsIT {
  private static final long SEEDS = 400;
  private static final int THREADS = Integer.getInteger("sim.threads", 2);
  private static final Path FOLDER = Path.of("target", "guarantees");

  @Test
  void everyBrokenRuleIsFoundOut() throws Exception {
    Files.createDirectories(FOLDER);
    List<Future<String>> lines = new ArrayList<>();
    List<Mutation> missed = Collections.synchronizedList(new ArrayList<>());
    ExecutorService workers = Executors.newFixedThreadPool(THREADS);
    for (Mutation mutation : Mutation.values()) {
      lines.add(workers.submit(() -> refute(mutation, missed)));
    }
    List<String> table = new ArrayList<>();
    table.add("mutation\trule\tcaught by\tinvariant\tsteps or states\tseconds");
    for (Future<String> line : lines) {
      table.add(line.get());
    }
    workers.shutdown();
    table.removeIf(String::isEmpty);
    Files.write(FOLDER.resolve("simulation.tsv"), table);
    assertThat(missed).as("broken rules that nobody noticed").isEmpty();
  }

  private static String refute(Mutation mutation, List<Mutation> missed) {
    long began = System.nanoTime();
    long steps = 0;
    for (long seed = mutation.from; seed < mutation.from + SEEDS; seed++) {
      World world = new World(seed, new Options(seed), mutation, new BitSet(), null);
      world.run();
      steps += world.agenda.steps();
      if (world.violation() != null) {
        double seconds = (System.nanoTime() - began) / 1e9;
        tell(mutation, seed);
        return String.format(
            Locale.ROOT,
            "%s\t%s\tsimulation, seed %d\t%s\t%d\t%.1f",
            mutation.words,
            mutation.rule,
            seed,
            world.violation().invariant(),
            steps,
            seconds);
      }
    }
    missed.add(mutation);
    return "";
  }

  private static void tell(Mutation mutation, long seed) {
    try {
      Files.writeString(
          FOLDER.resolve(mutation.name().toLowerCase(Locale.ROOT) + ".txt"),
          Shrinker.shrink(seed, mutation, 60));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
