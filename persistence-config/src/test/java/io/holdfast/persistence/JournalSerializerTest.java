package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.ActorSystem;
import akka.actor.ExtendedActorSystem;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializers;
import akka.testkit.javadsl.TestKit;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class JournalSerializerTest {
  private static final String NAME = JournalSerializerTest.class.getName();

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Exited.class, name = "exited"),
    @JsonSubTypes.Type(value = Vanished.class, name = "vanished")
  })
  sealed interface Outcome permits Exited, Vanished {}

  record Exited(int code) implements Outcome {}

  record Vanished(String why) implements Outcome {}

  record Finished(
      String execution, Instant at, Duration took, Optional<String> note, List<Outcome> outcomes)
      implements JournalEvent {}

  record Unregistered(int x) implements JournalEvent {}

  /** Stands for one that knows nothing of this module. */
  sealed interface Foreign permits Seen {}

  record Seen(int x, int y) implements Foreign {}

  private static final ActorSystem SYSTEM =
      system(
          """
      holdfast.journal.events {
        "task-finished/1" = "%1$s$Finished"
        "seen/1" = "%1$s$Seen"
        "seen/2" = "%1$s$Seen"
      }
      akka.actor.serialization-bindings { "%1$s$Foreign" = holdfast-journal }
      """);

  private static final Finished EVENT =
      new Finished(
          "nightly#42.1",
          Instant.parse("2026-01-02T03:04:05.123456789Z"),
          Duration.ofMillis(61_500),
          Optional.of("a note with ümlauts"),
          List.of(new Exited(3), new Vanished("gone")));

  private final JournalSerializer serializer = new JournalSerializer((ExtendedActorSystem) SYSTEM);

  @AfterAll
  static void stop() {
    TestKit.shutdownActorSystem(SYSTEM);
  }

  private static ActorSystem system(String config) {
    return ActorSystem.create(
        "serializer",
        PersistenceConfig.withDefaults(ConfigFactory.parseString(config.formatted(NAME))));
  }

  @Test
  void writesReadableJsonUnderALogicalName() throws NotSerializableException {
    byte[] bytes = serializer.toBinary(EVENT);
    assertThat(serializer.manifest(EVENT)).isEqualTo("task-finished/1");
    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"execution\":\"nightly#42.1\",\"at\":\"2026-01-02T03:04:05.123456789Z\",\"took\":\"PT1M1.5S\","
                + "\"note\":\"a note with ümlauts\","
                + "\"outcomes\":[{\"type\":\"exited\",\"code\":3},{\"type\":\"vanished\",\"why\":\"gone\"}]}");
    assertThat(serializer.fromBinary(bytes, "task-finished/1")).isEqualTo(EVENT);
  }

  @Test
  void isWhatAkkaUsesForItsOwnInterfaceAndForBoundOnes() {
    var serialization = SerializationExtension.get(SYSTEM);
    for (Object event : List.of(EVENT, new Seen(1, 2))) {
      assertThat(serialization.findSerializerFor(event)).isInstanceOf(JournalSerializer.class);
      byte[] bytes = serialization.serialize(event).get();
      String manifest = Serializers.manifestFor(serializer, event);
      assertThat(serialization.deserialize(bytes, JournalSerializer.IDENTIFIER, manifest).get())
          .isEqualTo(event);
    }
  }

  @Test
  void toleratesUnknownFields() throws NotSerializableException {
    assertThat(serializer.fromBinary(json("{\"x\":1,\"y\":2,\"added\":{\"later\":[1]}}"), "seen/2"))
        .isEqualTo(new Seen(1, 2));
  }

  @Test
  void readsOldVersionsAndWritesTheNewest() throws NotSerializableException {
    assertThat(serializer.fromBinary(json("{\"x\":1}"), "seen/1")).isEqualTo(new Seen(1, 0));
    assertThat(serializer.manifest(new Seen(1, 2))).isEqualTo("seen/2");
  }

  @Test
  void namesAnUnknownManifest() {
    assertThatThrownBy(() -> serializer.fromBinary(json("{}"), "seen/3"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("no event 'seen/3'")
        .hasMessageContaining("holdfast.journal.events");
  }

  @Test
  void saysWhereToRegisterAClass() {
    assertThatThrownBy(() -> serializer.toBinary(new Unregistered(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holdfast.journal.events")
        .hasMessageContaining(NAME + "$Unregistered");
  }

  @Test
  void refusesBytesThatAreNotTheEvent() {
    for (String bytes : List.of("", "{", "[]", "{\"x\":\"one\"}", "{\"x\":1,\"y\":2} trailing")) {
      assertThatThrownBy(() -> serializer.fromBinary(json(bytes), "seen/2"))
          .isInstanceOf(NotSerializableException.class)
          .hasMessageContaining("seen/2");
    }
    String deep = "[".repeat(1000);
    assertThatThrownBy(() -> serializer.fromBinary(json("{\"z\":" + deep), "seen/2"))
        .hasMessageContaining("nesting");
  }

  @Test
  void refusesAWrongRegistry() {
    assertWrong("\"NoVersion\" = \"java.lang.String\"", "not of the form");
    assertWrong("\"gone/1\" = \"io.holdfast.Gone\"", "there is no such class");
    assertWrong("\"a/1\" = {}", "not the name of a class");
    assertWrong(
        "\"a/1\" = \"java.lang.String\", \"b/1\" = \"java.lang.String\"", "is registered as");
  }

  private static void assertWrong(String entries, String why) {
    assertThatThrownBy(
            () ->
                EventRegistry.of(
                    ConfigFactory.parseString("holdfast.journal.events { " + entries + " }"),
                    JournalSerializerTest.class.getClassLoader()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(why);
  }

  private static byte[] json(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
