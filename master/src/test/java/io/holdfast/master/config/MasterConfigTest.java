package io.holdfast.master.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong in a configuration is named with its key, its value and what would be right. */
class MasterConfigTest {
  private static final String GOOD =
      "agents = [{ id = agent-1, url = \"http://127.0.0.1:7711\", token = t }]";

  private static MasterConfig read(String settings) {
    return MasterConfig.of(
        ConfigFactory.parseString("holdfast.master { " + settings + " }")
            .withFallback(ConfigFactory.defaultReference()));
  }

  @Test
  void everySettingHasADefaultButTheAgents() {
    MasterConfig config = read(GOOD);
    assertThat(config.timing()).isEqualTo(TimingPolicy.DEFAULT);
    assertThat(config.port()).isEqualTo(7700);
    assertThat(config.groups().get("all")).containsExactly(new AgentId("agent-1"));
  }

  @Test
  void aServerOfTheJournalMayBeAwayForAMinute() {
    TimingPolicy timing = read(GOOD + ", persistence = postgres").timing();
    // Its right is proven each third of this, and lasts as long again as is left of it.
    Duration actsFor = timing.authorityTtl().dividedBy(3).multipliedBy(2);
    assertThat(actsFor.plus(timing.survivableOutage(Duration.ofMillis(500))))
        .isGreaterThan(Duration.ofMinutes(1));
    assertThat(read(GOOD + ", persistence = postgres, authority-ttl = 5s").timing().authorityTtl())
        .isEqualTo(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id = \"a b\"                | holdfast.master.id",
        "http.port = 70000           | holdfast.master.http.port = 70000",
        "http.port = many            | http.port",
        "http.host = \"0.0.0.0\"     | holdfast.master.http.host = 0.0.0.0",
        "agents = []                 | holdfast.master.agents = []",
        "agents = [{ id = a }]       | url",
        "agents = [{ id = \"a b\", url = \"http://h:1\" }] | holdfast.master.agents.0.id",
        "agents = [{ id = a, url = \"https://h:1\" }] | holdfast.master.agents.0.url = https://h:1",
        "agents = [{ id = a, url = \"http://h\" }] | write http://HOST:PORT",
        "agents = [{ id = a, url = \"http://h:1/x\" }] | write http://HOST:PORT",
        "agents = [{ id = a, url = \"::\" }] | holdfast.master.agents.0.url",
        "agents = [{ id = a, url = \"http://h:1\" }, { id = a, url = \"http://h:2\" }] | agents.1.id",
        "groups { web = [agent-9] }  | holdfast.master.groups.web = agent-9",
        "groups { all = [agent-1] }  | holdfast.master.groups.all",
        "timing.heartbeat-period = 10ms | holdfast.master.timing: heartbeatPeriod",
        "timing.retry-attempts = 1   | holdfast.master.timing: retryAttempts",
        "timing.kill-grace = 2h      | holdfast.master.timing: killGrace",
        "timing.drift-permille = 200 | holdfast.master.timing: driftPermille",
        "timing.margin = 1ms         | holdfast.master.timing: margin",
        "authority-ttl = 0s          | authorityTtl",
        "authority-ttl = soon        | authority-ttl",
        "min-free-space = -1         | min-free-space",
      })
  void aBadSettingIsNamed(String setting, String named) {
    assertThatThrownBy(() -> read(GOOD + ", " + setting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }
}
