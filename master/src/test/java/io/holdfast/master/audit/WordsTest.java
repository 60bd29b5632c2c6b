package io.holdfast.master.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.JournalEvents;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.audit.EventReader;
import io.holdfast.persistence.audit.StoredEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * P5: every event of both sides has words. What is told of each golden event is in a golden file;
 * with {@code -Dgolden.write=true} it is written anew.
 */
class WordsTest {
  private static final Path MASTERS = Path.of("src/test/resources/golden/journal");
  private static final Path AGENTS = Path.of("../agent/src/test/resources/golden/journal");
  private static final Path SENTENCES = Path.of("src/test/resources/golden/sentences.txt");
  private static final Origin MASTER =
      new Origin(0, "/m", Optional.of(new DirectoryIdentity("master", "main", "mj-1")));
  private static final Origin AGENT =
      new Origin(1, "/a", Optional.of(new DirectoryIdentity("agent", "agent-1", "aj-1")));

  private final EventReader reader = AuditEvents.reader();

  private static String idOf(String name) {
    return switch (name.substring(0, name.indexOf('-'))) {
      case "job" -> "job|nightly";
      case "link" -> "agent|agent-1";
      case "task" -> "task|main|nightly#42.1";
      case "session" -> "session|main";
      default -> "catalog";
    };
  }

  private Seen seen(Origin origin, String manifest, byte[] payload) {
    return Seen.of(
        origin,
        new StoredEvent(
            idOf(manifest),
            7,
            0,
            "w",
            "",
            JournalEvents.serializerId(),
            manifest,
            List.of(),
            payload),
        reader);
  }

  private static List<Path> golden(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void p5EveryEventIsToldInWordsThatDoNotChangeUnnoticed() throws IOException {
    List<String> lines = new ArrayList<>();
    Set<String> states =
        PersistenceConfig.withDefaults(ConfigFactory.empty())
            .getObject("holdfast.journal.states")
            .keySet();
    for (Path folder : List.of(MASTERS, AGENTS)) {
      for (Path file : golden(folder)) {
        String[] name = file.getFileName().toString().split("\\.");
        String manifest = name[0] + "/" + name[1];
        if (states.contains(manifest)) {
          continue;
        }
        Seen seen =
            seen(folder.equals(MASTERS) ? MASTER : AGENT, manifest, Files.readAllBytes(file));
        lines.add(manifest + " " + name[2]);
        for (Statement statement : new Teller().tell(seen)) {
          assertThat(statement.text())
              .as("words for %s: see Teller", manifest)
              .doesNotStartWith("event " + manifest);
          lines.add("  " + statement.text() + "  [" + statement.cause() + "]");
        }
      }
    }
    String told = String.join("\n", lines) + "\n";
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(SENTENCES, told);
    }
    assertThat(told).isEqualTo(Files.readString(SENTENCES));
  }

  @Test
  void theEventsOfTasksAreNamedAsAtTheAgent() {
    Map<String, Object> agents =
        ConfigFactory.parseFile(Path.of("../agent/src/main/resources/reference.conf").toFile())
            .getObject("holdfast.journal.events")
            .unwrapped();
    agents.keySet().removeIf(name -> !name.startsWith("task-"));
    assertThat(
            PersistenceConfig.withDefaults(ConfigFactory.empty())
                .getObject(AuditEvents.AGENT_EVENTS)
                .unwrapped())
        .isEqualTo(agents);
  }

  @Test
  void whatIsNotKnownIsToldAsItIsStored() {
    byte[] json = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
    Seen unknown = seen(MASTER, "job-of-tomorrow/3", json);
    assertThat(new Teller().tell(unknown))
        .singleElement()
        .satisfies(
            statement -> {
              assertThat(statement.text()).isEqualTo("event job-of-tomorrow/3: {\"a\":1}");
              assertThat(statement.about().job()).contains("nightly");
            });
    assertThat(Teller.line(seen(MASTER, "job-of-tomorrow/3", new byte[] {1, 2})))
        .isEqualTo("event job-of-tomorrow/3: 2 bytes that are no JSON");
    assertThat(Teller.line(seen(MASTER, "job-defined/1", json))).contains("it cannot be read");
    assertThat(
            Teller.line(
                seen(
                    MASTER,
                    StoredEvent.CUT,
                    "{\"readableTo\":7,\"highestKnown\":9,\"what\":\"a checksum\"}"
                        .getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(
            "a repair has cut this journal: events up to 7 could be kept, up to 9 were known of [a"
                + " checksum]");
  }
}
