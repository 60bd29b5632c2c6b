package io.holdfast.persistence.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is to be measured, as system properties say it; without any it takes about eight minutes.
 *
 * @param journals {@code benchmark.journals}: some of akka, native, java, postgres
 * @param actors {@code benchmark.actors}: how many write at once, each a measurement; may be empty
 * @param replays {@code benchmark.replays}: among how many actors the events that are replayed are
 *     divided, each a measurement; may be empty
 * @param rounds {@code benchmark.rounds}: how often all is measured
 * @param seconds {@code benchmark.seconds}: how long a measurement of writing or of the disk lasts
 * @param report {@code benchmark.report}: the file that the tables are written to
 * @param folder {@code java.io.tmpdir}: where the journals are
 */
record Plan(
    List<Journal> journals,
    List<Integer> actors,
    List<Integer> replays,
    int rounds,
    int seconds,
    Path report,
    Path folder) {
  private static final String PREFIX = "benchmark.";
  private static final int MOST_ACTORS = 8192;
  private static final Set<String> NAMES =
      Set.of("journals", "actors", "replays", "rounds", "seconds", "report");

  /**
   * Reads the properties.
   *
   * @throws IllegalArgumentException naming the one that is wrong, and what would be right
   */
  static Plan of(Map<String, String> properties) {
    Set<String> unknown =
        properties.keySet().stream()
            .filter(name -> name.startsWith(PREFIX))
            .map(name -> name.substring(PREFIX.length()))
            .filter(name -> !NAMES.contains(name))
            .collect(Collectors.toCollection(TreeSet::new));
    if (!unknown.isEmpty()) {
      throw wrong(unknown.iterator().next(), "", "it is none of " + new TreeSet<>(NAMES));
    }
    return new Plan(
        journals(text(properties, "journals", "akka,native,java,postgres")),
        numbers(properties, "actors", "1,16,256,4096", 1, MOST_ACTORS),
        divisors(properties),
        number("rounds", text(properties, "rounds", "2"), 1, 100),
        number("seconds", text(properties, "seconds", "3"), 1, 600),
        Path.of(text(properties, "report", "journal.md")).toAbsolutePath(),
        disk(Path.of(properties.get("java.io.tmpdir"))));
  }

  private static List<Journal> journals(String names) {
    return words(names).stream().map(Plan::journal).distinct().toList();
  }

  private static Journal journal(String name) {
    return Arrays.stream(Journal.values())
        .filter(journal -> journal.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(() -> wrong("journals", name, "it is some of akka, native, java, postgres"));
  }

  private static List<Integer> divisors(Map<String, String> properties) {
    List<Integer> replays = numbers(properties, "replays", "1,1000", 1, MOST_ACTORS);
    for (int actors : replays) {
      if (ReplayBenchmark.EVENTS % actors != 0) {
        throw wrong(
            "replays", "" + actors, "it must divide " + ReplayBenchmark.EVENTS + ", the events");
      }
    }
    return replays;
  }

  private static List<Integer> numbers(
      Map<String, String> properties, String name, String byDefault, int least, int most) {
    return words(text(properties, name, byDefault)).stream()
        .map(word -> number(name, word, least, most))
        .distinct()
        .toList();
  }

  private static int number(String name, String word, int least, int most) {
    try {
      int number = Integer.parseInt(word);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw wrong(name, word, "it is from %d to %d".formatted(least, most));
  }

  private static List<String> words(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::trim)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** An empty property counts: with it nothing of that kind is measured. */
  private static String text(Map<String, String> properties, String name, String byDefault) {
    return properties.getOrDefault(PREFIX + name, byDefault).trim();
  }

  /** A sync costs nothing where the files are in memory. */
  private static Path disk(Path folder) {
    try {
      String type = Files.getFileStore(folder).type();
      if (Set.of("tmpfs", "ramfs").contains(type)) {
        throw new IllegalArgumentException(
            "java.io.tmpdir = '%s' is in memory (%s), where a sync costs nothing: name a folder on a disk with -Dbenchmark.folder=…"
                .formatted(folder, type));
      }
      return folder;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "java.io.tmpdir = '%s' is no folder that can be used: %s".formatted(folder, e), e);
    }
  }

  private static IllegalArgumentException wrong(String name, String value, String right) {
    return new IllegalArgumentException("%s%s = '%s': %s".formatted(PREFIX, name, value, right));
  }
}
