package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R14: what cannot be written down is not begun. */
class StartRoomTest {
  @TempDir Path disk;

  private static Config leaving(long bytes) {
    return ConfigFactory.parseString("holdfast.journal.leveldb.min-free-space = " + bytes);
  }

  @Test
  void R14_a_start_without_room_names_everything_and_leaves_nothing_behind() {
    Path data = disk.resolve("a/b");
    assertThatThrownBy(() -> StartRoom.require(data, "some.data", leaving(1L << 60)))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("some.data = " + data)
        .hasMessageContaining(" KiB free, 1125899906842624 KiB needed (holdfast.journal.")
        .hasMessageContaining("min-free-space");
    assertThat(data.getParent()).doesNotExist();
    assertThatCode(() -> StartRoom.require(data, "some.data", leaving(16 << 20)))
        .doesNotThrowAnyException();
  }

  @Test
  void R14_what_a_known_directory_has_to_tell_needs_half() throws IOException {
    Files.createFile(disk.resolve("identity"));
    assertThatThrownBy(() -> StartRoom.require(disk, "some.data", leaving(1L << 60)))
        .hasMessageContaining(" 562949953421312 KiB needed (half of holdfast.journal.");
  }
}
