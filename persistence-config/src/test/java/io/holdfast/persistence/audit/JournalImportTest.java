package io.holdfast.persistence.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.persistence.JournalException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an import refuses, at its bounds; what it does to stores is tested where they are. */
class JournalImportTest {
  private static final String HEADER = "{\"holdfast-export\":1,\"source\":\"here\"}\n";

  /** Notes what it is told. */
  private static final class Target implements ImportTarget {
    private final List<String> told = new ArrayList<>();

    @Override
    public void id(StoredId id) {
      told.add("id " + id.persistenceId());
    }

    @Override
    public void setAside(String id, long readableTo) {
      told.add("set aside " + id);
    }

    @Override
    public void event(StoredEvent event) {
      told.add("event " + event.persistenceId() + " " + event.sequenceNr());
    }

    @Override
    public void commit() {
      told.add("commit");
    }

    @Override
    public void close() {
      told.add("close");
    }
  }

  private final Target target = new Target();

  private void read(String text) throws IOException {
    JournalImport.Done unused =
        JournalImport.read(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
            200,
            owner -> target,
            () -> {});
  }

  private static String id(long highest) {
    return "{\"id\":\"a\",\"highest\":" + highest + ",\"deletedTo\":0}\n";
  }

  private static String event(long number, String name) {
    return "{\"id\":\"a\",\"nr\":"
        + number
        + ",\"at\":\"2026-11-22T15:00:00Z\",\"writer\":\"w\",\"name\":\""
        + name
        + "\",\"event\":{}}\n";
  }

  @Test
  void aLineThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> read(HEADER + "x".repeat(300)))
        .isInstanceOf(JournalException.class)
        .hasMessage("line 2: it is longer than 200 bytes");
    assertThat(target.told).containsExactly("close");
  }

  @Test
  void tooManyNumbersWithoutAnEventAreRefusedUnlessARepairHasCutThere() {
    assertThatThrownBy(() -> read(HEADER + id(20_000) + event(10_001, "x/1") + "{}\n"))
        .as("ten thousand are let through")
        .hasMessageContaining("line 4: it is neither an id nor an event");
    assertThatThrownBy(() -> read(HEADER + id(20_000) + event(10_002, "x/1")))
        .hasMessage("line 3: 10001 events of 'a' are missing");
    assertThatThrownBy(() -> read(HEADER + id(20_000) + event(15_000, StoredEvent.CUT)))
        .hasMessageContaining("it is cut off after line 3");
    assertThat(target.told).doesNotContain("commit");
  }

  @Test
  void anIdIsToldOnceAndBeforeTheEvents() {
    assertThatThrownBy(() -> read(HEADER + id(2) + id(2)))
        .hasMessage("line 3: id 'a' is told twice, or behind an event");
    assertThatThrownBy(
            () -> read(HEADER + id(2) + event(1, "x/1") + id(2).replace("\"a\"", "\"b\"")))
        .hasMessageContaining("line 4: id 'b' is told twice, or behind an event");
    assertThatThrownBy(() -> read(HEADER + "{\"id\":\"a\",\"highest\":1,\"deletedTo\":2}\n"))
        .hasMessage("line 2: deletedTo 2 is above highest 1");
  }
}
