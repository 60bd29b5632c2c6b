package io.holdfast.persistence.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotSettingsTest {
  private static SnapshotSettings with(String setting) {
    return SnapshotSettings.of(
        ConfigFactory.parseString("holdfast.snapshot." + setting)
            .withFallback(ConfigFactory.load()));
  }

  @ParameterizedTest
  @CsvSource({
    "every = -1, every is -1; it must be between 0 and 1000000",
    "max-bytes = 1, max-bytes is 1; it must be between 1024 and 1073741824",
    "load-threads = 0, load-threads is 0; it must be between 1 and 100",
    "max-waiting = 0, max-waiting is 0; it must be between 1 and 1000000",
  })
  void aBadSettingIsNamed(String setting, String said) {
    assertThatThrownBy(() -> with(setting))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("holdfast.snapshot." + said);
  }

  @Test
  void oneIsDueAfterEachSoManyEvents() {
    assertThat(with("every = 500").isDue(499)).isFalse();
    assertThat(with("every = 500").isDue(500)).isTrue();
    assertThat(with("every = 500").isDue(1000)).isTrue();
    assertThat(with("every = 0").isDue(500)).isFalse();
  }
}
