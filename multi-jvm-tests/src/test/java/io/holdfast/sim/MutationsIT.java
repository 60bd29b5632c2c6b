package io.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.guarantees.MutationTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
  private static final int FIRST_LINES = 12;
  private static final int LAST_LINES = 28;
  private static final Path FOLDER = Path.of("target", "guarantees");

  @Test
  void everyBrokenRuleIsFoundOut() throws Exception {
    Files.createDirectories(FOLDER);
    List<Future<Optional<MutationTable.Row>>> lines = new ArrayList<>();
    List<Mutation> missed = Collections.synchronizedList(new ArrayList<>());
    ExecutorService workers = Executors.newFixedThreadPool(THREADS);
    for (Mutation mutation : Mutation.values()) {
      lines.add(workers.submit(() -> refute(mutation, missed)));
    }
    List<MutationTable.Row> table = new ArrayList<>();
    for (Future<Optional<MutationTable.Row>> line : lines) {
      line.get().ifPresent(table::add);
    }
    workers.shutdown();
    assertThat(missed).as("broken rules that nobody noticed").isEmpty();
    MutationTable.settle("simulation", table);
  }

  private static Optional<MutationTable.Row> refute(Mutation mutation, List<Mutation> missed) {
    long began = System.nanoTime();
    long steps = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      World world = new World(seed, Options.of(seed, mutation), mutation, new BitSet(), null);
      world.run();
      steps += world.agenda.steps();
      if (world.violation() != null) {
        double seconds = (System.nanoTime() - began) / 1e9;
        tell(mutation, seed);
        return Optional.of(
            new MutationTable.Row(
                mutation.words,
                mutation.rule,
                world.violation().invariant().toString(),
                steps,
                MutationTable.Effort.STEPS,
                seconds));
      }
    }
    missed.add(mutation);
    return Optional.empty();
  }

  /** The whole of it to a file, and its story to whoever reads along. */
  private static void tell(Mutation mutation, long seed) {
    String told = Shrinker.shrink(seed, mutation, 60);
    System.out.println("\n" + brief(told.substring(0, told.indexOf("\nThe whole trace:"))));
    try {
      Files.writeString(FOLDER.resolve(mutation.name().toLowerCase(Locale.ROOT) + ".txt"), told);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String brief(String story) {
    List<String> lines = story.lines().toList();
    int left = lines.size() - FIRST_LINES - LAST_LINES;
    if (left <= 0) {
      return story;
    }
    return String.join("\n", lines.subList(0, FIRST_LINES))
        + "\n… "
        + left
        + " lines more …\n"
        + String.join("\n", lines.subList(lines.size() - LAST_LINES, lines.size()));
  }
}
