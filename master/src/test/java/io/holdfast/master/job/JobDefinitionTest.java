package io.holdfast.master.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JobDefinitionTest {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .registerModules(new Jdk8Module(), new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS);

  @Test
  void isStoredAsPlainJson() throws JsonProcessingException {
    String json = JSON.writeValueAsString(job(ConnectionLossPolicy.KEEP, OnLost.WAIT));
    assertThat(json)
        .isEqualTo(
            "{\"name\":\"tick\",\"run\":\"echo hi\",\"target\":{\"type\":\"group\",\"group\":\"all\"},"
                + "\"parameters\":{\"A\":\"\",\"B\":\"ü\"},\"timeout\":\"PT2M\",\"killGrace\":\"PT15S\","
                + "\"onConnectionLoss\":\"keep\",\"onLost\":\"wait\"}");
    assertThat(JSON.readValue(json, JobDefinition.class))
        .isEqualTo(job(ConnectionLossPolicy.KEEP, OnLost.WAIT));
  }

  @Test
  void aMissingTimeoutIsNone() throws JsonProcessingException {
    String json =
        JSON.writeValueAsString(job(ConnectionLossPolicy.STOP_AFTER_LEASE, OnLost.RERUN))
            .replace("\"timeout\":\"PT2M\",", "");
    assertThat(JSON.readValue(json, JobDefinition.class).timeout()).isEmpty();
  }

  @Test
  void everyTargetHasAName() {
    JsonSubTypes named = Target.class.getAnnotation(JsonSubTypes.class);
    assertThat(Arrays.stream(named.value()).map(JsonSubTypes.Type::value))
        .hasSameElementsAs(Arrays.asList(Target.class.getPermittedSubclasses()));
  }

  @Test
  void saysWhetherAtMostOnceIsGuaranteed() {
    for (OnLost onLost : OnLost.values()) {
      assertThat(job(ConnectionLossPolicy.STOP_AFTER_LEASE, onLost).atMostOnce())
          .isEqualTo("guaranteed");
    }
    assertThat(job(ConnectionLossPolicy.KEEP, OnLost.ERROR).atMostOnce())
        .startsWith("depends on the operator");
  }

  @Test
  void refusesWhatWouldBreakAtMostOnce() {
    assertThatThrownBy(() -> job(ConnectionLossPolicy.KEEP, OnLost.RERUN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("starts it a second time");
  }

  @Test
  void refusesWhatNoFileMayHold() {
    assertThatThrownBy(() -> job("../x", "true", Map.of(), Duration.ofSeconds(1)))
        .hasMessageStartingWith("job '../x' is not a name");
    assertThatThrownBy(() -> job("x", " \n", Map.of(), Duration.ofSeconds(1)))
        .hasMessageStartingWith("run: is empty");
    assertThatThrownBy(() -> job("x", "a\0b", Map.of(), Duration.ofSeconds(1)))
        .hasMessageContaining("NUL");
    assertThatThrownBy(() -> job("x", "true", Map.of("A-B", ""), Duration.ofSeconds(1)))
        .hasMessageStartingWith("parameter 'A-B': not a parameter name");
    assertThatThrownBy(() -> job("x", "true", Map.of("A", "\ud800"), Duration.ofSeconds(1)))
        .hasMessageContaining("surrogate");
    assertThatThrownBy(() -> job("x", "true", Map.of(), Duration.ZERO))
        .hasMessageStartingWith("killGrace: must be longer than zero");
    assertThatThrownBy(() -> job("x", "true", Map.of(), Duration.ofMinutes(61)))
        .hasMessage("killGrace: is too long: at most 1h");
  }

  @Test
  void doesNotChangeWithTheMapItWasMadeOf() {
    Map<String, String> given = new TreeMap<>(Map.of("A", "1"));
    JobDefinition job = job("x", "true", given, Duration.ofSeconds(1));
    given.put("B", "2");
    assertThat(job.parameters()).containsOnlyKeys("A").isUnmodifiable();
  }

  private static JobDefinition job(
      String name, String run, Map<String, String> parameters, Duration killGrace) {
    return new JobDefinition(
        name,
        run,
        new Target.OneAgent("agent-1"),
        new TreeMap<>(parameters),
        Optional.empty(),
        killGrace,
        ConnectionLossPolicy.STOP_AFTER_LEASE,
        OnLost.ERROR);
  }

  private static JobDefinition job(ConnectionLossPolicy loss, OnLost onLost) {
    return new JobDefinition(
        "tick",
        "echo hi",
        new Target.Group("all"),
        new TreeMap<>(Map.of("B", "ü", "A", "")),
        Optional.of(Duration.ofMinutes(2)),
        Duration.ofSeconds(15),
        loss,
        onLost);
  }
}
