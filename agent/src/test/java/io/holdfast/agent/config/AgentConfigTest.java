package io.holdfast.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.holdfast.protocol.id.MasterId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong in a configuration is named with its key, its value and what would be right. */
class AgentConfigTest {
  private static final String GOOD = "id = agent-1, masters { main { token = secret } }";

  private static AgentConfig read(String settings) {
    return AgentConfig.of(
        ConfigFactory.parseString("holdfast.agent { " + settings + " }")
            .withFallback(ConfigFactory.defaultReference()));
  }

  @Test
  void everySettingHasADefaultButTheNameAndTheMasters() {
    AgentConfig config = read(GOOD);
    assertThat(config.port()).isEqualTo(7711);
    assertThat(config.workDirectory()).isEqualTo(config.data().resolve("work"));
    assertThat(config.masters()).containsOnlyKeys(new MasterId("main"));
    assertThat(config.masters().get(new MasterId("main")).accepts("secret")).isTrue();
    assertThat(config.masters().get(new MasterId("main")).accepts("Secret")).isFalse();
  }

  @Test
  void P4_aMasterMayHaveLimitsOfItsOwn() {
    AgentConfig config =
        read(
            GOOD + ", masters.main { task-limit = 3, output-quota = 10 KiB }, masters.b.token = x");
    assertThat(config.taskLimit(new MasterId("main"))).isEqualTo(3);
    assertThat(config.outputQuota(new MasterId("main"))).isEqualTo(10 * 1024);
    assertThat(config.taskLimit(new MasterId("b"))).isEqualTo(16);
    assertThat(config.outputQuota(new MasterId("b"))).isEqualTo(1L << 30);
    assertThat(config.taskLimit(new MasterId("gone"))).isEqualTo(16);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id = \"\"                       | holdfast.agent.id",
        "id = \"a b\"                    | holdfast.agent.id",
        "http.port = 70000               | holdfast.agent.http.port = 70000",
        "http.port = -1                  | holdfast.agent.http.port = -1",
        "task-api.port = 65536           | holdfast.agent.task-api.port = 65536",
        "http.port = many                | http.port",
        "task-limit = 0                  | holdfast.agent.task-limit = 0",
        "task-limit = 5001               | between 1 and 5000",
        "output-quota = 1000             | holdfast.agent.output-quota = 1000 bytes",
        "masters.main.output-quota = 2 TiB | holdfast.agent.masters.main.output-quota",
        "masters.main.task-limit = 0     | holdfast.agent.masters.main.task-limit = 0",
        "tick = 5ms                      | holdfast.agent.tick",
        "tick = 2s                       | between 10 ms and 1 s",
        "masters = null                  | masters",
        "masters { \"a b\" { token = x } } | holdfast.agent.masters.a b",
        "masters.main { token-sha256 = aa } | holdfast.agent.masters.main",
        "masters.other { token-sha256 = aa } | masters.other.token-sha256",
        "masters.other {}                | holdfast.agent.masters.other",
        "masters.other { token = \"\" }, http.host = \"0.0.0.0\" | holdfast.agent.http.host = 0.0.0.0",
      })
  void aBadSettingIsNamed(String setting, String named) {
    assertThatThrownBy(() -> read(GOOD + ", " + setting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  @Test
  void anAgentWithoutMastersSaysHowToNameOne() {
    assertThatThrownBy(() -> read("id = agent-1")).hasMessageContaining("masters { main");
  }
}
