package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.audit.AuditEvents;
import io.holdfast.master.audit.PastState;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What was open at a past moment. */
@Command(
    name = "state",
    description =
        "What was running where, what waited, and which agents had been heard, at a past moment, as"
            + " far as the journals tell.",
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  done",
      "  1  done, but a journal is not as it was written, and something may be missing",
      "  2  wrong usage, or a journal cannot be read"
    })
final class AuditState extends AuditCommand.Part {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

  @Mixin private AuditSources sources;
  @Mixin private OutputOption output;

  @Option(
      names = "--at",
      required = true,
      paramLabel = "TIME",
      description = "When: 2026-11-22T15:00:00, with Z behind it for UTC.")
  private String at;

  @Override
  public Integer call() {
    Instant moment = AuditCommand.time("--at", at, io().zone());
    return sources.use(
        journals -> {
          try (Progress progress =
              new Progress(io(), "events read", AuditSources.events(journals))) {
            PastState state = new PastState(AuditEvents.reader(), moment, progress);
            state.read(journals);
            progress.close();
            if (output.isJson()) {
              OutputOption.printJson(io().out(), json(moment, state));
            } else {
              print(moment, state);
            }
            return damaged(state.faults());
          }
        });
  }

  private void print(Instant moment, PastState state) {
    io().out().println("at " + time(moment));
    if (!state.runs().isEmpty()) {
      Table runs = Table.of("MASTER", "RUN", "EXECUTION", "AGENT", "STATE", "SINCE", "CANCEL");
      state
          .runs()
          .forEach(
              run ->
                  runs.row(
                      run.master().toString(),
                      run.run(),
                      orNone(run.execution()),
                      orNone(run.agent()),
                      run.state(),
                      time(run.since()),
                      run.isToBeCancelled() ? "wanted" : Text.NONE));
      section(runs);
    } else {
      io().notice("no run was open");
    }
    if (!state.links().isEmpty()) {
      Table links = Table.of("MASTER", "AGENT", "EPOCH", "LAST HEARD", "NEXT", "LINK");
      state
          .links()
          .forEach(
              link ->
                  links.row(
                      link.master().toString(),
                      link.agent(),
                      link.epoch(),
                      time(link.heard()),
                      time(link.next()),
                      words(link)));
      section(links);
    }
    if (!state.tasks().isEmpty()) {
      Table tasks = Table.of("AGENT", "OF MASTER", "TASK", "PHASE", "SINCE");
      state
          .tasks()
          .forEach(
              task ->
                  tasks.row(
                      task.agent().toString(),
                      task.master(),
                      task.execution(),
                      task.phase(),
                      time(task.since())));
      section(tasks);
    }
  }

  private String words(PastState.LinkThen link) {
    return link.unreachableSince()
        .map(since -> link.state().replaceFirst("^unreachable", "unreachable since " + time(since)))
        .orElse(link.state());
  }

  private void section(Table table) {
    io().out().println();
    table.print(io().out(), io().colour());
  }

  private String time(Instant instant) {
    return TIME.format(instant.atZone(io().zone()));
  }

  private String time(Optional<Instant> instant) {
    return instant.map(this::time).orElse(Text.NONE);
  }

  private static String orNone(String text) {
    return text.isEmpty() ? Text.NONE : text;
  }

  private static ObjectNode json(Instant moment, PastState state) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("at", moment.toString());
    ArrayNode runs = object.putArray("runs");
    for (PastState.OpenRun run : state.runs()) {
      ObjectNode each = runs.addObject().put("master", run.master().toString());
      each.put("run", run.run());
      if (!run.execution().isEmpty()) {
        each.put("execution", run.execution()).put("agent", run.agent());
      }
      each.put("state", run.state()).put("since", run.since().toString());
      each.put("cancelWanted", run.isToBeCancelled());
    }
    ArrayNode links = object.putArray("links");
    for (PastState.LinkThen link : state.links()) {
      ObjectNode each = links.addObject().put("master", link.master().toString());
      each.put("agent", link.agent()).put("epoch", link.epoch()).put("state", link.state());
      link.heard().ifPresent(heard -> each.put("lastHeard", heard.toString()));
      link.unreachableSince().ifPresent(since -> each.put("unreachableSince", since.toString()));
      link.next().ifPresent(next -> each.put("next", next.toString()));
    }
    ArrayNode tasks = object.putArray("tasks");
    for (PastState.TaskThen task : state.tasks()) {
      tasks
          .addObject()
          .put("agent", task.agent().toString())
          .put("master", task.master())
          .put("execution", task.execution())
          .put("phase", task.phase())
          .put("since", task.since().toString());
    }
    return object;
  }
}
