package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on the disk must suffice for what runs before something new begins. */
class DiskReserveTest {

  @TempDir Path data;

  @Test
  void aDiskWithRoomTakesTasksAndAFullOneSaysWhatIsMissing() {
    assertThat(new DiskReserve(data, 1).refusal()).isEmpty();
    assertThat(new DiskReserve(data, 0).refusal()).isEmpty();
    assertThat(new DiskReserve(data, Long.MAX_VALUE).refusal())
        .get()
        .asString()
        .contains(data.toString(), "MiB free", "holdfast.agent.min-free-space");
  }
}
