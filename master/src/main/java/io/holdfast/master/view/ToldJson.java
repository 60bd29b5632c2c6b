package io.holdfast.master.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.Told;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.wire.WireJson;
import java.time.Instant;
import java.util.Optional;

/** What the tasks of a run told their master, as {@code docs/http-api.md} has it. */
final class ToldJson {
  /** An event of the feed. */
  record Update(String kind, ObjectNode json) {}

  private ToldJson() {}

  /** Into a {@code Run}; variables and notes only where it is shown with its executions. */
  static void put(ObjectNode run, Told told, boolean whole) {
    told.progress()
        .ifPresent(
            progress ->
                run.set(
                    "progress",
                    progress(
                        progress.writer(), progress.percent(), progress.text(), progress.at())));
    if (!whole) {
      return;
    }
    if (!told.variables().isEmpty()) {
      ObjectNode variables = run.putObject("variables");
      told.variables()
          .forEach(
              (name, variable) -> {
                ObjectNode node = variables.putObject(name);
                node.put("value", variable.value());
                by(node, variable.writer(), variable.at());
                node.put("fencingToken", variable.token().value());
              });
    }
    if (!told.notes().isEmpty()) {
      ArrayNode notes = run.putArray("notes");
      told.notes().forEach(note -> notes.add(note(note.writer(), note.text(), note.at())));
    }
  }

  /** What readers of the feed are told of {@code event}; the value of a variable is not. */
  static Optional<Update> update(JobEvent event) {
    if (event instanceof JobEvent.ProgressMade made) {
      return update(
          "progress",
          progress(made.execution(), made.percent(), made.text(), made.at()),
          made.execution());
    }
    if (event instanceof JobEvent.NoteAdded added) {
      return update("note", note(added.execution(), added.text(), added.at()), added.execution());
    }
    if (event instanceof JobEvent.VariableSet set) {
      ObjectNode node = WireJson.MAPPER.createObjectNode();
      node.put("name", set.name());
      by(node, set.execution(), set.at());
      node.put("fencingToken", set.token().value());
      return update("variable", node, set.execution());
    }
    return Optional.empty();
  }

  private static Optional<Update> update(String kind, ObjectNode json, ExecutionId execution) {
    json.put("run", execution.run().toString());
    return Optional.of(new Update(kind, json));
  }

  private static ObjectNode progress(ExecutionId execution, int percent, String text, Instant at) {
    ObjectNode node = WireJson.MAPPER.createObjectNode();
    node.put("percent", percent);
    node.put("text", text);
    return by(node, execution, at);
  }

  private static ObjectNode note(ExecutionId execution, String text, Instant at) {
    ObjectNode node = WireJson.MAPPER.createObjectNode();
    node.put("text", text);
    return by(node, execution, at);
  }

  private static ObjectNode by(ObjectNode node, ExecutionId execution, Instant at) {
    node.put("execution", execution.toString());
    node.put("at", at.toString());
    return node;
  }
}
