package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.master.job.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values of the API as words for people. What is missing is shown as {@code -}. */
final class Text {
  static final String NONE = "-";

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private Text() {}

  /** In one line, and without characters that would steer the terminal. */
  static String clean(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().forEach(c -> clean.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    return clean.toString();
  }

  /** The field as it is. */
  static String of(JsonNode object, String field) {
    JsonNode value = object.path(field);
    if (value.isMissingNode() || value.isNull() || value.asText().isEmpty()) {
      return NONE;
    }
    return clean(value.asText());
  }

  /** An instant in the reader's time zone, to the second. */
  static String time(JsonNode object, String field, ZoneId zone) {
    String text = of(object, field);
    try {
      return text.equals(NONE) ? text : TIME.format(Instant.parse(text).atZone(zone));
    } catch (DateTimeException e) {
      return text;
    }
  }

  /** A duration as it is written in job files. */
  static String duration(JsonNode object, String field) {
    String text = of(object, field);
    try {
      return text.equals(NONE) ? text : Durations.format(Duration.parse(text));
    } catch (DateTimeException e) {
      return text;
    }
  }

  /** How long it took from one instant to the other, if both are there. */
  static String between(JsonNode object, String from, String to) {
    try {
      Instant start = Instant.parse(of(object, from));
      return Durations.format(Duration.between(start, Instant.parse(of(object, to))));
    } catch (DateTimeException e) {
      return NONE;
    }
  }

  /** {@code exited 0}, {@code killed by signal 9}, {@code stopped (timeout)} … */
  static String outcome(JsonNode object, String field) {
    JsonNode outcome = object.path(field);
    String type = of(outcome, "type");
    return switch (type) {
      case "exited" -> "exited " + of(outcome, "code");
      case "signalled" -> "killed by signal " + of(outcome, "signal");
      case "stopped" -> "stopped (" + of(outcome, "reason") + ")";
      default -> {
        String why = of(outcome, "why");
        String words = type.equals(NONE) ? type : type.replace('-', ' ');
        yield why.equals(NONE) ? words : words + ": " + why;
      }
    };
  }

  /** {@code agent agent-1} or {@code group all}. */
  static String target(JsonNode job) {
    return job.has("group") ? "group " + of(job, "group") : "agent " + of(job, "agent");
  }

  /** {@code A=1 B=2}, each value in one line and short. */
  static String parameters(JsonNode object) {
    List<String> shown = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : object.path("parameters").properties()) {
      shown.add(clean(entry.getKey()) + "=" + shortened(clean(entry.getValue().asText())));
    }
    return shown.isEmpty() ? NONE : String.join(" ", shown);
  }

  private static String shortened(String value) {
    return value.length() > 60 ? value.substring(0, 59) + "…" : value;
  }

  /** The field in one line, and short. */
  static String start(JsonNode object, String field) {
    return shortened(of(object, field));
  }

  /** {@code 40 % copying}. */
  static String progress(JsonNode run) {
    JsonNode progress = run.path("progress");
    String percent = of(progress, "percent");
    String text = of(progress, "text");
    return percent.equals(NONE) ? NONE : percent + " %" + (text.equals(NONE) ? "" : " " + text);
  }

  /** The values of an array, with commas. */
  static String list(JsonNode object, String field) {
    List<String> values = new ArrayList<>();
    object.path(field).forEach(value -> values.add(clean(value.asText())));
    return values.isEmpty() ? NONE : String.join(", ", values);
  }
}
