package io.holdfast.master.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {

  @Property
  void whatIsWrittenIsRead(@ForAll @LongRange(min = 1, max = 365 * 86_400) long seconds) {
    Duration duration = Duration.ofSeconds(seconds);
    assertThat(Durations.parse(Durations.format(duration))).isEqualTo(duration);
  }

  @Property
  void anyTextIsReadOrRefusedWithAReason(@ForAll String text) {
    try {
      assertThat(Durations.parse(text)).isBetween(Duration.ofSeconds(1), Durations.MAX);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageMatching(".*(write|at most) .*");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "30s, PT30S",
    "5m, PT5M",
    "2h, PT2H",
    "1d, PT24H",
    "1h30m, PT1H30M",
    "1d2h3m4s, PT26H3M4S",
    "90m, PT90M",
    "007s, PT7S",
    "365d, PT8760H"
  })
  void reads(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({
    "30, 'has no unit: write 30s, 5m, 2h or 1d'",
    "1.5, 'has no unit: write 30s, 5m, 2h or 1d'",
    "'', 'not a duration: write 30s, 5m, 2h, 1d or 1h30m'",
    "soon, 'not a duration: write 30s, 5m, 2h, 1d or 1h30m'",
    "30 s, 'not a duration: write 30s, 5m, 2h, 1d or 1h30m'",
    "30m1h, 'not a duration: write 30s, 5m, 2h, 1d or 1h30m'",
    "1.5h, 'not a duration: write 30s, 5m, 2h, 1d or 1h30m'",
    "٣s, 'not a duration: write 30s, 5m, 2h, 1d or 1h30m'",
    "0s, 'must be longer than zero: write 30s, 5m, 2h, 1d or 1h30m'",
    "0h0m, 'must be longer than zero: write 30s, 5m, 2h, 1d or 1h30m'",
    "-5s, 'must be longer than zero: write 30s, 5m, 2h, 1d or 1h30m'",
    "366d, is too long: at most 365d",
    "365d1s, is too long: at most 365d",
    "9223372036854775807d, is too long: at most 365d",
    "99999999999999999999s, is too long: at most 365d"
  })
  void refuses(String text, String message) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
