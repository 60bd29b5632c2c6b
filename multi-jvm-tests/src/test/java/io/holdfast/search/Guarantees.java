package io.holdfast.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What a search came to, as tables for the documentation: {@code target/guarantees/*.tsv}. */
final class Guarantees {
  private static final Path FOLDER = Path.of("target", "guarantees");

  private Guarantees() {}

  static void write(String name, List<String> columns, List<List<String>> rows) throws IOException {
    Files.createDirectories(FOLDER);
    StringBuilder text = new StringBuilder(String.join("\t", columns)).append('\n');
    rows.forEach(row -> text.append(String.join("\t", row)).append('\n'));
    Files.writeString(FOLDER.resolve(name), text);
  }

  static String seconds(Search.Result result) {
    return String.format(Locale.ROOT, "%.1f", result.seconds());
  }
}
