package io.holdfast.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.holdfast.demo.Screen.Look;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The master's events in words for an operator. A pure function of an event and the one before it
 * about the same thing; what nobody needs to know has no words.
 */
final class Narration {
  private Narration() {}

  /** A line of the story. */
  record Line(Look look, String words) {}

  /**
   * What to say.
   *
   * @param kind of the event: job, run, execution, agent, reconciliation
   * @param before the last event about the same thing; a missing node if this is the first
   */
  static List<Line> of(String kind, JsonNode now, JsonNode before) {
    return switch (kind) {
      case "agent" -> agent(now, before).stream().toList();
      case "job" -> job(now, before).stream().toList();
      case "run" -> run(now, before).stream().toList();
      case "execution" -> execution(now, before).stream().toList();
      case "reconciliation" -> reconciliation(now);
      default -> List.of();
    };
  }

  /** As {@link #of(String, JsonNode, JsonNode)}, where nothing was heard before. */
  static List<Line> of(String kind, JsonNode now) {
    return of(kind, now, MissingNode.getInstance());
  }

  private static Optional<Line> agent(JsonNode now, JsonNode before) {
    String id = text(now, "id");
    String link = text(now, "link");
    String linkBefore = text(before, "link");
    boolean wasSilent =
        before.has("lastHeard") && (linkBefore.equals("disconnected") || linkBefore.equals("lost"));
    if (link.equals("disconnected") && !now.has("lastHeard")) {
      return linkBefore.equals(link)
          ? Optional.empty()
          : line(Look.DOUBTFUL, id + " has not answered yet");
    }
    if (link.equals("disconnected")) {
      return line(Look.DOUBTFUL, id + " unreachable: " + silence(now));
    }
    if (link.equals(linkBefore)) {
      return Optional.empty();
    }
    return switch (link) {
      case "connecting" -> line(Look.PLAIN, id + ": connecting …");
      case "reconciling" ->
          wasSilent
              ? line(Look.GOOD, id + " is heard again: reconciling …")
              : line(Look.PLAIN, id + " answers: comparing notes …");
      case "connected" ->
          line(Look.GOOD, id + (wasSilent ? " is heard again: connected" : " connected"));
      case "lost" ->
          line(Look.BAD, id + " is lost: its lease is over, its tasks have been stopped");
      default -> line(Look.PLAIN, id + ": " + link);
    };
  }

  private static String silence(JsonNode agent) {
    int open = agent.path("openExecutions").asInt();
    String tasks =
        switch (open) {
          case 0 -> "no task is there";
          case 1 -> "1 task may still be running";
          default -> open + " tasks may still be running";
        };
    int retry = agent.path("retry").asInt();
    String retries =
        retry > 0 ? ", retry " + retry + " of " + agent.path("retryAttempts").asInt() : "";
    return tasks + retries + lease(agent).map(left -> ", lease " + left).orElse("");
  }

  private static Optional<String> lease(JsonNode agent) {
    String remaining = text(agent, "leaseRemaining");
    return remaining.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.parse(remaining).toSeconds() + " s");
  }

  private static Optional<Line> job(JsonNode now, JsonNode before) {
    if (!before.isMissingNode()) {
      return Optional.empty();
    }
    String where =
        now.has("agent") ? text(now, "agent") : "a machine of group " + text(now, "group");
    return line(
        Look.PLAIN,
        "job "
            + text(now, "name")
            + " for "
            + where
            + ", at most once: "
            + text(now, "atMostOnce"));
  }

  private static Optional<Line> run(JsonNode now, JsonNode before) {
    String state = text(now, "state");
    if (state.equals(text(before, "state"))) {
      return Optional.empty();
    }
    String id = text(now, "id");
    return switch (state) {
      case "succeeded" -> line(Look.GOOD, id + " succeeded" + why(now));
      case "failed", "lost", "cancelled" ->
          line(
              state.equals("cancelled") ? Look.DOUBTFUL : Look.BAD,
              why(now).startsWith(": " + state) ? id + why(now) : id + " " + state + why(now));
      default -> Optional.empty();
    };
  }

  private static Optional<Line> execution(JsonNode now, JsonNode before) {
    String state = text(now, "state");
    String id = text(now, "id");
    String agent = text(now, "agent");
    if (now.has("amended") && !before.has("amended")) {
      return line(Look.DOUBTFUL, id + ": a late word from " + agent + why(now));
    }
    if (state.equals(text(before, "state"))) {
      return Optional.empty();
    }
    return switch (state) {
      case "sent" -> line(Look.PLAIN, id + " sent to " + agent);
      case "running" ->
          line(
              Look.PLAIN,
              text(before, "state").equals("unreachable")
                  ? id + " is still running on " + agent + ": it was never stopped"
                  : id + " runs on " + agent);
      case "unreachable" ->
          line(Look.DOUBTFUL, id + " is out of sight: it may still be running on " + agent);
      case "stopping" -> line(Look.DOUBTFUL, id + " is being stopped on " + agent);
      default -> Optional.empty();
    };
  }

  private static List<Line> reconciliation(JsonNode report) {
    List<Line> lines = new ArrayList<>();
    for (JsonNode entry : report.path("entries")) {
      String decision = text(entry, "decision");
      Look look =
          decision.equals("resume") || decision.equals("complete") ? Look.GOOD : Look.DOUBTFUL;
      lines.add(
          new Line(
              look,
              "%s: the master had '%s', %s says '%s' → %s"
                  .formatted(
                      text(entry, "execution"),
                      text(entry, "before"),
                      text(report, "agent"),
                      text(entry, "agentSays"),
                      decision)));
    }
    return lines;
  }

  private static String why(JsonNode node) {
    String message = text(node, "message");
    return message.isEmpty() ? "" : ": " + message;
  }

  private static Optional<Line> line(Look look, String words) {
    return Optional.of(new Line(look, words));
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText("");
  }
}
