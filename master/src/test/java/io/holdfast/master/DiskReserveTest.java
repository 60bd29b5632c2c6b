package io.holdfast.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on the disk must suffice for what is under way before something new is promised. */
class DiskReserveTest {

  @TempDir Path data;

  @Test
  void R14_a_disk_with_room_takes_new_work_and_a_full_one_says_what_is_missing() {
    assertThat(new DiskReserve(data, 1).refusal()).isEmpty();
    assertThat(new DiskReserve(data, 0).refusal()).isEmpty();
    assertThat(new DiskReserve(data, Long.MAX_VALUE).refusal())
        .get()
        .asString()
        .contains(data.toString(), "MiB free", "holdfast.master.min-free-space");
  }
}
