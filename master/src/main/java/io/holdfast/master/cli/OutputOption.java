package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import picocli.CommandLine.Option;

/** The option {@code -o}, the same for every command. */
final class OutputOption {
  /** How an answer is written. */
  enum Format {
    TABLE,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      defaultValue = "table",
      description = "table for people, json for programs (the API's own). Default: table.")
  private Format format;

  boolean isJson() {
    return format == Format.JSON;
  }

  /** Prints the API's object. */
  static void printJson(PrintStream out, JsonNode object) {
    out.println(object.toPrettyString());
  }
}
