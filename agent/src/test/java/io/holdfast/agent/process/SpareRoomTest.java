package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.testing.machine.Needed;
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

  @TempDir Path disk;

  private boolean mounted;
  private Path record;

  @BeforeEach
  void mount() throws IOException {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "holdfast-test", disk.toString());
    Needed.requireMount(mounted, "a file system of 1 MiB");
    record = disk.resolve("deadline");
  }

  @AfterEach
  void unmount() throws IOException {
    if (mounted) {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void fill() throws IOException {
    try (var out = Files.newOutputStream(disk.resolve("filler"))) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(disk.toFile().getUsableSpace()).isZero();
    }
  }

  @Test
  void R2_a_record_is_replaced_again_and_again_on_a_full_disk() throws IOException {
    SpareRoom.replace(record, List.of("a rather long first line", "2"), SOME_TIME);
    fill();
    for (int i = 0; i < 20; i++) {
      Instant time = SOME_TIME.plusSeconds(i);
      SpareRoom.replace(record, List.of("line " + i, "more"), time);
      assertThat(record).hasContent("line " + i + "\nmore\n");
      assertThat(Files.getLastModifiedTime(record).toInstant()).isEqualTo(time);
    }
    Files.delete(disk.resolve("filler"));
    SpareRoom.replace(record, List.of("at last"), SOME_TIME);
    assertThat(record).hasContent("at last\n");
  }

  @Test
  void R2_a_crash_between_the_steps_costs_nothing() throws IOException {
    SpareRoom.replace(record, List.of("one"), SOME_TIME);
    fill();
    Path spare = disk.resolve("deadline.spare");
    Path former = disk.resolve("deadline.former");
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
    fill();
    assertThatThrownBy(() -> SpareRoom.replace(record, List.of("one"), SOME_TIME))
        .isInstanceOf(UncheckedIOException.class);
  }
}
