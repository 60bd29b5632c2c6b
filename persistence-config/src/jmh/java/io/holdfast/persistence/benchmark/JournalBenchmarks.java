package io.holdfast.persistence.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures all journals beside each other, in rounds, and prints a table. Within a round each
 * measurement of one journal stands next to those of the others, and every other round goes
 * backwards: what else the machine does meanwhile hits all of them alike, and ratios are taken
 * within a round.
 */
public final class JournalBenchmarks {
  private final Plan plan;
  private final Measurements measurements;
  private final Figures figures = new Figures();

  private JournalBenchmarks(Plan plan, Measurements measurements) {
    this.plan = plan;
    this.measurements = measurements;
  }

  /** What it is to do is said by system properties: see {@link Plan}. */
  public static void main(String[] args) throws IOException, RunnerException {
    Plan plan;
    try {
      plan = Plan.of(properties());
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    try (Measurements measurements = new Measurements(plan.folder(), plan.seconds())) {
      String report = new JournalBenchmarks(plan, measurements).run();
      Files.createDirectories(plan.report().getParent());
      Files.writeString(plan.report(), report);
      System.out.println("\n" + report + "\nwritten to " + plan.report());
    }
  }

  private static Map<String, String> properties() {
    return System.getProperties().stringPropertyNames().stream()
        .collect(Collectors.toMap(name -> name, System::getProperty));
  }

  private String run() throws IOException, RunnerException {
    System.out.printf("machine: %s%n", Machine.words(plan.folder()));
    String before = Machine.load();
    for (int round = 1; round <= plan.rounds(); round++) {
      System.out.printf("round %d of %d, load average %s%n", round, plan.rounds(), Machine.load());
      round(round % 2 == 0);
    }
    return report(before);
  }

  private void round(boolean backwards) throws IOException, RunnerException {
    for (DiskBenchmark.Way way : DiskBenchmark.Way.values()) {
      note(way.title(), Optional.empty(), measurements.disk(way));
    }
    List<Journal> journals = new ArrayList<>(plan.journals());
    if (backwards) {
      Collections.reverse(journals);
    }
    for (int actors : plan.actors()) {
      for (Journal journal : journals) {
        note(writing(actors), Optional.of(journal), measurements.write(journal, actors));
      }
    }
    for (int actors : plan.replays()) {
      for (Journal journal : journals) {
        note(replaying(actors), Optional.of(journal), measurements.replay(journal, actors));
      }
    }
  }

  private void note(String what, Optional<Journal> journal, double perSecond) {
    figures.add(what, journal, perSecond);
    System.out.printf(
        "  %-32s %-26s %10s/s%n",
        what, journal.map(Journal::title).orElse("the disk alone"), Figures.count(perSecond));
  }

  private static String writing(int actors) {
    return actors == 1 ? "1 actor" : "%,d actors".formatted(actors);
  }

  private static String replaying(int actors) {
    return actors == 1
        ? "%,d of 1 actor".formatted(ReplayBenchmark.EVENTS)
        : "%,d each of %,d actors".formatted(ReplayBenchmark.EVENTS / actors, actors);
  }

  private String report(String loadBefore) {
    return String.join(
        "\n",
        "Machine: " + Machine.words(plan.folder()) + ". Load average before: " + loadBefore + ".",
        "Medians of " + plan.rounds() + " rounds; in brackets the least and the most.\n",
        figures.table(
            "events written per second",
            plan.actors().stream().map(JournalBenchmarks::writing).toList(),
            plan.journals()),
        figures.table(
            "events replayed per second",
            plan.replays().stream().map(JournalBenchmarks::replaying).toList(),
            plan.journals()),
        figures.disk(
            Arrays.stream(DiskBenchmark.Way.values()).map(DiskBenchmark.Way::title).toList()));
  }
}
