package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.audit.AuditEvents;
import io.holdfast.master.audit.Journal;
import io.holdfast.master.audit.Subject;
import io.holdfast.master.audit.Timeline;
import io.holdfast.master.audit.Wanted;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What happened, in order and in words. */
@Command(
    name = "timeline",
    description =
        "Everything that the journals say of a job, a run, an execution or an agent, in the order of"
            + " time, with its cause. Times are by the clock of who wrote them.",
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  done",
      "  1  done, but a journal is not as it was written, and something may be missing",
      "  2  wrong usage, or a journal cannot be read"
    })
final class AuditTimeline extends AuditCommand.Part {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

  /** How lines are written. */
  enum Format {
    TEXT,
    JSON,
    CSV
  }

  /** Of whom. */
  static final class Of {
    @Option(names = "--job", paramLabel = "JOB", description = "A job: tick.")
    private String job;

    @Option(names = "--run", paramLabel = "RUN", description = "A run: tick#1.")
    private String run;

    @Option(names = "--execution", paramLabel = "EXECUTION", description = "One try: tick#1.1.")
    private String execution;

    @Option(names = "--agent", paramLabel = "AGENT", description = "An agent: agent-1.")
    private String agent;
  }

  @Mixin private AuditSources sources;

  @ArgGroup(multiplicity = "1")
  private Of of;

  @Option(names = "--from", paramLabel = "TIME", description = "Not what was before this.")
  private String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Not what was after this.")
  private String to;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json|csv",
      defaultValue = "text",
      description =
          "text for people; json: an object in each line; csv: with a line of titles. Default:"
              + " text.")
  private Format format;

  @Override
  public Integer call() {
    Wanted wanted = wanted();
    return sources.use(
        journals -> {
          try (Progress progress = new Progress(io(), "events read", 0);
              Timeline timeline = new Timeline(AuditEvents.reader(), wanted, progress)) {
            Consumer<Timeline.Row> lines = lines(journals);
            timeline.forEach(
                journals,
                row -> {
                  progress.close();
                  lines.accept(row);
                });
            io().out().flush();
            progress.close();
            return damaged(timeline.faults());
          }
        });
  }

  private Wanted wanted() {
    try {
      return new Wanted(
          Optional.ofNullable(of.job).map(name -> Ref.requireName("a job", name)),
          Optional.ofNullable(of.run).map(RunId::parse),
          Optional.ofNullable(of.execution).map(ExecutionId::parse),
          Optional.ofNullable(of.agent).map(name -> Ref.requireName("an agent", name)),
          Optional.ofNullable(from).map(text -> AuditCommand.time("--from", text, io().zone())),
          Optional.ofNullable(to).map(text -> AuditCommand.time("--to", text, io().zone())));
    } catch (IllegalArgumentException e) {
      throw new CliFailure(Text.clean(e.getMessage()), e);
    }
  }

  private Consumer<Timeline.Row> lines(List<Journal> journals) {
    return switch (format) {
      case JSON -> row -> io().out().println(json(row));
      case CSV -> {
        io().out()
            .println("at,journal,persistence id,number,event,job,run,execution,agent,text,cause");
        yield row -> io().out().println(csv(row));
      }
      case TEXT -> {
        int width = journals.stream().mapToInt(j -> j.origin().toString().length()).max().orElse(0);
        yield row -> io().out().println(text(row, width));
      }
    };
  }

  private String text(Timeline.Row row, int width) {
    String name = row.origin().toString();
    String cause = row.statement().cause();
    return Text.clean(
        TIME.format(row.at().atZone(io().zone()))
            + "  "
            + name
            + " ".repeat(width - name.length())
            + "  "
            + row.statement().text()
            + (cause.isEmpty() ? "" : "  [" + cause + "]"));
  }

  private static ObjectNode json(Timeline.Row row) {
    Subject about = row.statement().about();
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("at", row.at().toString());
    object.put("journal", row.origin().toString());
    object.put("persistenceId", row.persistenceId());
    object.put("sequenceNr", row.sequenceNr());
    object.put("event", row.name());
    about.job().ifPresent(job -> object.put("job", job));
    about.run().ifPresent(run -> object.put("run", run.toString()));
    about.execution().ifPresent(id -> object.put("execution", id.toString()));
    about.agent().ifPresent(agent -> object.put("agent", agent));
    object.put("text", row.statement().text());
    if (!row.statement().cause().isEmpty()) {
      object.put("cause", row.statement().cause());
    }
    return object;
  }

  private static String csv(Timeline.Row row) {
    Subject about = row.statement().about();
    Instant at = row.at();
    return Stream.of(
            at.toString(),
            row.origin().toString(),
            row.persistenceId(),
            Long.toString(row.sequenceNr()),
            row.name(),
            about.job().orElse(""),
            about.run().map(RunId::toString).orElse(""),
            about.execution().map(ExecutionId::toString).orElse(""),
            about.agent().orElse(""),
            row.statement().text(),
            row.statement().cause())
        .map(AuditTimeline::cell)
        .collect(Collectors.joining(","));
  }

  /** As RFC 4180 says. */
  private static String cell(String text) {
    String clean = Text.clean(text);
    return clean.matches("[^\",\\r\\n]*") ? clean : '"' + clean.replace("\"", "\"\"") + '"';
  }
}
