package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.testing.machine.SmallFileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R2: a lease is renewed on a disk that is full to the last byte. */
class SpareRoomTest {
  private static final Instant SOME_TIME = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path folder;

  private SmallFileSystem disk;
  private Path record;

  @BeforeEach
  void mount() {
    disk = SmallFileSystem.over(folder, "1m");
    record = folder.resolve("deadline");
  }

  @AfterEach
  void unmount() {
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void R2_a_record_is_replaced_again_and_again_on_a_full_disk() throws IOException {
    SpareRoom.replace(record, List.of("a rather long first line", "2"), SOME_TIME);
    disk.fill();
    for (int i = 0; i < 20; i++) {
      Instant time = SOME_TIME.plusSeconds(i);
      SpareRoom.replace(record, List.of("line " + i, "more"), time);
      assertThat(record).hasContent("line " + i + "\nmore\n");
      assertThat(Files.getLastModifiedTime(record).toInstant()).isEqualTo(time);
    }
    disk.empty();
    SpareRoom.replace(record, List.of("at last"), SOME_TIME);
    assertThat(record).hasContent("at last\n");
  }

  @Test
  void R2_a_crash_between_the_steps_costs_nothing() throws IOException {
    SpareRoom.replace(record, List.of("one"), SOME_TIME);
    disk.fill();
    Path spare = folder.resolve("deadline.spare");
    Path former = folder.resolve("deadline.former");
    Files.createLink(former, record);
    SpareRoom.replace(record, List.of("two"), SOME_TIME);
    assertThat(record).hasContent("two\n");
    Files.move(spare, former);
    SpareRoom.replace(record, List.of("three"), SOME_TIME);
    assertThat(record).hasContent("three\n");
    assertThat(spare).exists();
    assertThat(former).doesNotExist();
  }

  @Test
  void R2_a_record_that_cannot_be_written_is_said_to_be_so() throws IOException {
    disk.fill();
    assertThatThrownBy(() -> SpareRoom.replace(record, List.of("one"), SOME_TIME))
        .isInstanceOf(UncheckedIOException.class);
  }
}
