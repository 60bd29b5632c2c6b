package io.holdfast.master.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be asked of the history, and what is said of the rest. */
class HistoryFilterTest {
  private static HistoryFilter of(HistoryKind kind, String... parameters) {
    List<Map.Entry<String, String>> pairs = new ArrayList<>();
    for (int i = 0; i < parameters.length; i += 2) {
      pairs.add(Map.entry(parameters[i], parameters[i + 1]));
    }
    return HistoryFilter.of(kind, pairs);
  }

  @ParameterizedTest
  @CsvSource({
    "RUNS, job, a/b, is not a name",
    "RUNS, agent, '', is not a name",
    "RUNS, state, running, 'one of queued, active'",
    "EXECUTIONS, state, queued, 'one of assigned, running, ended'",
    "RUNS, from, yesterday, 2026-11-22T15:00:00Z",
    "RUNS, to, 2026-11-22, 2026-11-22T15:00:00Z",
    "RUNS, from, +1000000000-12-31T23:59:59Z, 2026-11-22T15:00:00Z",
    "RUNS, limit, 0, between 1 and 1000",
    "RUNS, limit, 1001, between 1 and 1000",
    "RUNS, limit, many, between 1 and 1000",
    "RUNS, after, nonsense, next",
    "RUNS, after, '!', next",
    "AGENTS, job, tick, no such parameter",
    "RUNS, agnet, agent-1, 'there are job, agent'"
  })
  void whatIsWrongIsNamedWithItsValueAndWhatWouldBeRight(
      HistoryKind kind, String name, String value, String right) {
    assertThatThrownBy(() -> of(kind, name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(name + " = " + value + ": ")
        .hasMessageContaining(right);
  }

  @Test
  void whatIsThereTwiceOrTheWrongWayRoundIsRefused() {
    assertThatThrownBy(() -> of(HistoryKind.RUNS, "job", "a", "job", "b"))
        .hasMessage("job = b: give it once");
    String noon = "2026-11-22T12:00:00Z";
    assertThatThrownBy(() -> of(HistoryKind.RUNS, "from", noon, "to", noon))
        .hasMessageContaining("later than from, " + noon);
    assertThatThrownBy(() -> of(HistoryKind.RUNS, "x".repeat(5000), "y".repeat(5000)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
  }

  @Test
  void withoutParametersItIsTheNewestFifty() {
    HistoryFilter filter = of(HistoryKind.RUNS);
    assertThat(filter.limit()).isEqualTo(50);
    assertThat(filter.job()).isEmpty();
    assertThat(filter.after()).isEmpty();
  }

  @Test
  void aKeyComesBackAsItWasAndOnlyForItsKind() {
    PageKey key =
        new PageKey(
            HistoryKind.EXECUTIONS, Instant.parse("1969-12-31T23:59:59.123456Z"), "a.b-c_d", 42, 3);
    assertThat(PageKey.parse(HistoryKind.EXECUTIONS, key.text())).isEqualTo(key);
    assertThatThrownBy(() -> PageKey.parse(HistoryKind.RUNS, key.text()))
        .isInstanceOf(IllegalArgumentException.class);
    String longest =
        new PageKey(
                HistoryKind.EXECUTIONS,
                Instant.parse("9999-12-31T23:59:59.999999Z"),
                "x".repeat(100),
                999_999_999_999_999_999L,
                999_999_999)
            .text();
    assertThat(PageKey.parse(HistoryKind.EXECUTIONS, longest).text()).isEqualTo(longest);
  }
}
