package io.holdfast.master.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.protocol.id.ExecutionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an agent keeps of a master, in words. The classes of these events are the agent's, which a
 * master does not know; so they are read as JSON, by their names.
 */
final class SessionWords {
  private SessionWords() {}

  /** Empty when the name is not known. */
  static Optional<List<Statement>> tell(
      String manifest, String master, Subject agent, String name, JsonNode event) {
    return switch (manifest) {
      case "session-master-seen/1" ->
          Optional.of(
              List.of(
                  new Statement(
                      agent,
                      "%s obeys master %s with epoch %s from now on, and no older one"
                          .formatted(name, master, event.path("epoch").asText()),
                      "it coupled; its journal is %s%s"
                          .formatted(event.path("masterJournal").asText(), life(event)))));
      case "session-numbers-used/1" -> Optional.of(used(master, name, event));
      case "session-summed/1" ->
          Optional.of(
              List.of(
                  new Statement(
                      agent,
                      "%s summed up what it knows of master %s: epoch %s, used numbers of %d jobs"
                          .formatted(
                              name,
                              master,
                              event.path("epoch").asText(),
                              event.path("used").path("jobs").size()),
                      "its journal of that master had become long")));
      case "session-journal-damaged/1" ->
          Optional.of(
              List.of(
                  new Statement(
                      agent,
                      "a part of what %s knew of master %s is lost: epoch and numbers are the least that was seen"
                          .formatted(name, master),
                      event.path("what").asText())));
      default -> Optional.empty();
    };
  }

  private static String life(JsonNode event) {
    String life = event.path("life").asText("");
    return life.isEmpty() || event.path("life").isNull() ? "" : ", its life " + life;
  }

  private static List<Statement> used(String master, String name, JsonNode event) {
    List<Statement> statements = new ArrayList<>();
    for (JsonNode used : event.path("numbers")) {
      ExecutionId execution = ExecutionId.parse(used.path("execution").asText());
      statements.add(
          new Statement(
              Subject.execution(execution).on(name),
              "%s remembers that %s was used with fencing token %s"
                  .formatted(name, execution, used.path("token").asText()),
              "master " + master + " lets it forget the task"));
    }
    return statements;
  }
}
