package io.holdfast.protocol.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The drawing in the documentation is the table in the code. */
class TaskLifeDiagramTest {
  private static final String PAGE = "docs/task-life.md";

  @Test
  void theDiagramInTheDocsIsTheTableOfTransitions() throws IOException {
    String page = Files.readString(Path.of("..").resolve(PAGE)).replace("\r\n", "\n");
    String expected = "```mermaid\n" + diagram() + "```\n";
    assertThat(page)
        .as(
            "%s does not show TaskTransitions.TABLE. Replace its mermaid block by this one:%n%n%s%n",
            PAGE, expected)
        .contains(expected);
    assertThat(page.split("```mermaid", -1)).as("one diagram in " + PAGE).hasSize(2);
  }

  private static String diagram() {
    StringBuilder text = new StringBuilder("stateDiagram-v2\n    [*] --> Unknown\n");
    for (TaskPhase from : TaskPhase.values()) {
      for (TaskPhase to : TaskPhase.values()) {
        String events =
            TaskTransitions.TABLE.stream()
                .filter(step -> step.from() == from && step.to() == to)
                .map(step -> step.event().getSimpleName())
                .collect(Collectors.joining(", "));
        if (!events.isEmpty()) {
          text.append("    %s --> %s: %s\n".formatted(word(from), word(to), events));
        }
      }
    }
    Arrays.stream(TaskPhase.values())
        .filter(
            phase ->
                TaskTransitions.TABLE.stream()
                    .noneMatch(step -> step.from() == phase && step.to() != phase))
        .forEach(phase -> text.append("    %s --> [*]\n".formatted(word(phase))));
    return text.toString();
  }

  private static String word(TaskPhase phase) {
    return phase.name().charAt(0) + phase.name().substring(1).toLowerCase(java.util.Locale.ROOT);
  }
}
