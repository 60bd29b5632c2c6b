package io.holdfast.master.jobfile;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * From text to a tree of nodes, each with its place. The text is walked twice: first as a flat
 * stream of events, which costs no stack, to refuse nesting and aliases without measure; only then
 * as a tree.
 */
final class YamlText {
  /** The largest file. */
  static final int MAX_BYTES = 1024 * 1024;

  private static final int MAX_DEPTH = 16;
  private static final int MAX_ALIASES = 100;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final String text;
  private final Problems problems;
  private final LoadSettings settings =
      LoadSettings.builder()
          .setLabel("job file")
          .setCodePointLimit(MAX_BYTES + 1)
          .setMaxAliasesForCollections(MAX_ALIASES)
          .setSchema(new CoreSchema())
          .build();

  private YamlText(String text, Problems problems) {
    this.text = text;
    this.problems = problems;
  }

  /** The root of the only document in {@code text}; empty when it is not one, and why is noted. */
  static Optional<Node> read(String text, Problems problems) {
    boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
    return new YamlText(marked ? text.substring(1) : text, problems).read();
  }

  private Optional<Node> read() {
    if (text.length() > MAX_BYTES || text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      problems.add(1, 1, "", "", "the file is larger than 1 MiB: split it");
      return Optional.empty();
    }
    try {
      checkEvents();
      if (!problems.isEmpty()) {
        return Optional.empty();
      }
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isEmpty()) {
        problems.add(1, 1, "", "", "the file is empty: write at least one job under 'jobs:'");
      }
      return root;
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      problems.add(line(mark), column(mark), "", "", "not YAML: " + explain(e));
    } catch (ReaderException e) {
      noteCharacter(e);
    } catch (YamlEngineException e) {
      problems.add(1, 1, "", "", "not YAML: " + e.getMessage());
    }
    return Optional.empty();
  }

  private void checkEvents() {
    int depth = 0;
    int aliases = 0;
    int documents = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        case Alias -> aliases++;
        case DocumentStart -> documents++;
        default -> {}
      }
      if (depth > MAX_DEPTH) {
        refuse(event, "nested deeper than " + MAX_DEPTH + " levels: a job file needs 4");
        return;
      }
      if (aliases > MAX_ALIASES) {
        refuse(event, "more than " + MAX_ALIASES + " aliases (*name): write the values out");
        return;
      }
      if (documents > 1) {
        refuse(event, "a second document begins here: put all jobs under one 'jobs:'");
        return;
      }
    }
  }

  private void refuse(Event event, String message) {
    problems.add(line(event.getStartMark()), column(event.getStartMark()), "", "", message);
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(Mark::getLine).orElse(0) + 1;
  }

  private static int column(Optional<Mark> mark) {
    return mark.map(Mark::getColumn).orElse(0) + 1;
  }

  private static String explain(MarkedYamlEngineException e) {
    String problem = e.getProblem();
    if (problem.contains("(TAB)")) {
      return "a tab cannot indent or begin a value: use spaces";
    }
    if (problem.contains("mapping values are not allowed here")) {
      return "a second ': ' in one line: put a text that contains ': ' or ' #' in quotes";
    }
    String message =
        e.getContext() == null || e.getContext().isEmpty()
            ? problem
            : e.getContext() + ", " + problem;
    return Problems.printable(message, 300);
  }

  /** The reader knows only how many characters it had read; the place is counted here. */
  private void noteCharacter(ReaderException e) {
    int index = 0;
    int line = 1;
    int column = 1;
    for (int seen = 0; seen < e.getPosition() && index < text.length(); seen++) {
      int c = text.codePointAt(index);
      index += Character.charCount(c);
      column++;
      if (c == '\n') {
        line++;
        column = 1;
      }
    }
    String character = "U+%04X".formatted(e.getCodePoint());
    problems.add(
        line, column, "", character, "the character " + character + " is not allowed in YAML");
  }
}
