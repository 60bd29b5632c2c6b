package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.ActorSystem;
import akka.serialization.DisabledJavaSerializer;
import akka.serialization.SerializationExtension;
import akka.testkit.javadsl.TestKit;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Which classes what is stored can become: those that are registered, and no other. */
class StoredTypesTest {
  private static final String NAME = StoredTypesTest.class.getName();
  private static final AtomicInteger LOADED = new AtomicInteger();

  /**
   * The class of today: version 1 had "seconds", version 2 had "timeout" without a unit of text.
   */
  record Limited(String job, Duration timeout, boolean kills) {}

  /** Version 1 to 2: the field has a name that says what it is. */
  static final class From1 implements EventMigration {
    @Override
    public ObjectNode next(ObjectNode stored) {
      stored.set("timeoutSeconds", stored.remove("seconds"));
      return stored;
    }
  }

  /** Version 2 to 3: a duration as ISO 8601 text; and what version 3 asks was always so. */
  static final class From2 implements EventMigration {
    @Override
    public ObjectNode next(ObjectNode stored) {
      var seconds = stored.remove("timeoutSeconds");
      if (seconds == null || !seconds.isIntegralNumber()) {
        throw new IllegalArgumentException("timeoutSeconds is " + seconds + ", not a number");
      }
      return stored
          .put("timeout", Duration.ofSeconds(seconds.longValue()).toString())
          .put("kills", true);
    }
  }

  /** A state. */
  record Counted(int count, String name) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes(@JsonSubTypes.Type(value = Cat.class, name = "cat"))
  sealed interface Pet permits Cat {}

  record Cat(int lives) implements Pet {}

  record Adopted(Pet pet) {}

  /** Must never be loaded: it notices. */
  static final class Trap implements Serializable {
    private static final long serialVersionUID = 1L;

    static {
      LOADED.incrementAndGet();
    }

    public void setLives(int lives) {
      LOADED.addAndGet(lives);
    }
  }

  private static final Config CONFIG =
      ConfigFactory.parseString(
          """
          holdfast.journal {
            events { "limited/3" = "%1$s$Limited", "adopted/1" = "%1$s$Adopted" }
            states { "counted/1" = "%1$s$Counted" }
            migrations { "limited/1" = "%1$s$From1", "limited/2" = "%1$s$From2" }
          }
          """
              .formatted(NAME));

  private final JournalSerializer serializer =
      new JournalSerializer(CONFIG, StoredTypesTest.class.getClassLoader());

  private Object read(String manifest, String json) throws NotSerializableException {
    return serializer.fromBinary(json.getBytes(StandardCharsets.UTF_8), manifest);
  }

  @Test
  void p5WhatFormerVersionsStoredIsReadByTheClassOfToday() throws Exception {
    var expected = new Limited("nightly", Duration.ofSeconds(90), true);
    assertThat(read("limited/1", "{\"job\":\"nightly\",\"seconds\":90}")).isEqualTo(expected);
    assertThat(read("limited/2", "{\"job\":\"nightly\",\"timeoutSeconds\":90,\"later\":1}"))
        .isEqualTo(expected);
    assertThat(read("limited/3", "{\"job\":\"nightly\",\"timeout\":\"PT1M30S\",\"kills\":true}"))
        .isEqualTo(expected);
    assertThat(serializer.manifest(expected)).isEqualTo("limited/3");
  }

  @Test
  void whatAMigrationCannotReadIsNamed() {
    assertThatThrownBy(() -> read("limited/2", "{\"job\":\"nightly\"}"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("'limited/2'")
        .hasMessageContaining("timeoutSeconds is null");
    assertThatThrownBy(() -> read("limited/1", "[1]"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("no JSON object");
  }

  @Test
  void aMigrationMustLeadSomewhere() {
    assertWrong("migrations { \"limited/5\" = \"" + NAME + "$From1\" }", "no \"limited/6\"");
    assertWrong("migrations { \"counted/1\" = \"" + NAME + "$From1\" }", "no \"counted/2\"");
    assertWrong(
        "events { \"counted/2\" = \""
            + NAME
            + "$Counted\" }, migrations { \"counted/1\" = \""
            + NAME
            + "$From1\" }",
        "read by a class already");
    assertWrong("migrations { \"limited/2\" = \"" + NAME + "$Limited\" }", "is no ");
    assertWrong("events { \"counted/1\" = \"" + NAME + "$Counted\" }", "one of an event, too");
  }

  private static void assertWrong(String more, String why) {
    Config config =
        ConfigFactory.parseString("holdfast.journal { " + more + " }").withFallback(CONFIG);
    assertThatThrownBy(() -> new JournalSerializer(config, StoredTypesTest.class.getClassLoader()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(why);
  }

  @Test
  void aStateThatLacksAFieldIsNotReadAndOneWithMoreIs() throws Exception {
    assertThat(read("counted/1", "{\"count\":1,\"name\":\"x\",\"later\":[]}"))
        .isEqualTo(new Counted(1, "x"));
    assertThatThrownBy(() -> read("counted/1", "{\"count\":1}"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("name");
  }

  @Test
  void storedTextDoesNotChooseAClass() {
    String trap = NAME + "$Trap";
    for (String manifest : List.of(trap, trap + "/1", "java.lang.ProcessBuilder", "", "../x/1")) {
      assertThatThrownBy(() -> read(manifest, "{\"lives\":9}"))
          .isInstanceOf(NotSerializableException.class)
          .hasMessageContaining("There is no event '" + manifest + "'");
    }
    for (String pet :
        List.of(
            "{\"type\":\"" + trap + "\",\"lives\":9}",
            "{\"@class\":\"" + trap + "\",\"lives\":9}",
            "[\"" + trap + "\",{\"lives\":9}]")) {
      assertThatThrownBy(() -> read("adopted/1", "{\"pet\":" + pet + "}"))
          .isInstanceOf(NotSerializableException.class);
    }
    assertThat(LOADED).hasValue(0);
  }

  @Test
  void nothingIsSerializedByJava() {
    ActorSystem system =
        ActorSystem.create(
            "types", PersistenceConfig.withDefaults(ConfigFactory.parseString("a = 1")));
    try {
      var serialization = SerializationExtension.get(system);
      var trap = new java.io.File("x");
      assertThat(serialization.findSerializerFor(trap)).isInstanceOf(DisabledJavaSerializer.class);
      assertThat(serialization.serialize(trap).isFailure()).isTrue();
      // Bytes that say of themselves that Java wrote them.
      assertThat(serialization.deserialize(new byte[] {1, 2}, 1, "").isFailure()).isTrue();
    } finally {
      TestKit.shutdownActorSystem(system);
    }
  }
}
