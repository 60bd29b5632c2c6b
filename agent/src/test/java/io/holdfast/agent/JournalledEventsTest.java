package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.ActorSystem;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializer;
import akka.serialization.SerializerWithStringManifest;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What is stored must be readable for ever: each event has a logical name, and a golden file of it
 * that is never edited. With {@code -Dgolden.write=true} missing files are written.
 */
class JournalledEventsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/journal");
  private static ActorSystem system;
  private static Config config;

  @BeforeAll
  static void start() {
    config =
        PersistenceConfig.withDefaults(
            ConfigFactory.parseString("akka.actor.provider = local")
                .withFallback(ConfigFactory.parseResources("agent-akka.conf")));
    system = ActorSystem.create("events", config);
  }

  @AfterAll
  static void stop() throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static SerializerWithStringManifest serializerOf(Object event) {
    Serializer found = SerializationExtension.get(system).findSerializerFor(event);
    assertThat(found.getClass().getSimpleName())
        .as("the serializer of %s", event.getClass())
        .isEqualTo("JournalSerializer");
    return (SerializerWithStringManifest) found;
  }

  private static Path file(String manifest, int number) {
    return GOLDEN.resolve(manifest.replace('/', '.') + "." + number + ".json");
  }

  @Test
  void everyPermittedEventHasASampleAndALogicalName() {
    Set<Object> sampled =
        JournalledEvents.samples().stream().map(Object::getClass).collect(Collectors.toSet());
    for (Class<?> sealed : JournalledEvents.SEALED) {
      assertThat(sampled)
          .as("JournalledEvents.samples() of %s", sealed)
          .contains((Object[]) sealed.getPermittedSubclasses());
    }
    Map<String, Object> registered = config.getObject("holdfast.journal.events").unwrapped();
    for (Object event : JournalledEvents.samples()) {
      assertThat(registered)
          .as("holdfast.journal.events in reference.conf")
          .containsValue(event.getClass().getName());
    }
    assertThat(registered.values())
        .as("each class under one name")
        .doesNotHaveDuplicates()
        .allMatch(name -> sampled.stream().anyMatch(t -> ((Class<?>) t).getName().equals(name)));
  }

  @Test
  void everyEventComesBackFromTheJournalAsItWas() throws Exception {
    for (Object event : JournalledEvents.samples()) {
      SerializerWithStringManifest serializer = serializerOf(event);
      String manifest = serializer.manifest(event);
      assertThat(manifest).matches("[a-z][a-z0-9-]*/[0-9]+");
      assertThat(serializer.fromBinary(serializer.toBinary(event), manifest)).isEqualTo(event);
    }
  }

  @Test
  void p5WhatEarlierVersionsStoredIsRead() throws Exception {
    Map<String, Integer> numbers = new java.util.HashMap<>();
    for (Object event : JournalledEvents.samples()) {
      SerializerWithStringManifest serializer = serializerOf(event);
      String manifest = serializer.manifest(event);
      Path file = file(manifest, numbers.merge(manifest, 1, Integer::sum));
      if (!Files.exists(file) && Boolean.getBoolean("golden.write")) {
        Files.createDirectories(GOLDEN);
        Files.write(file, serializer.toBinary(event));
      }
      assertThat(file)
          .as("the golden file of %s; -Dgolden.write=true writes it", manifest)
          .exists();
      assertThat(serializer.fromBinary(Files.readAllBytes(file), manifest))
          .as("%s: never edit it; a changed event gets a new version", file)
          .isEqualTo(event);
    }
  }

  @Test
  void aFieldThatALaterVersionAddedIsPassedOver() throws Exception {
    for (Object event : JournalledEvents.samples()) {
      SerializerWithStringManifest serializer = serializerOf(event);
      String json = new String(serializer.toBinary(event), StandardCharsets.UTF_8);
      String more = json.substring(0, json.length() - 1) + ",\"of-tomorrow\":{\"a\":[1]}}";
      assertThat(
              serializer.fromBinary(
                  more.getBytes(StandardCharsets.UTF_8), serializer.manifest(event)))
          .isEqualTo(event);
    }
  }

  @Test
  void noGoldenFileIsLeftAlone() throws Exception {
    Map<String, Long> samples =
        JournalledEvents.samples().stream()
            .collect(
                Collectors.groupingBy(
                    event -> serializerOf(event).manifest(event), Collectors.counting()));
    List<String> expected =
        samples.entrySet().stream()
            .flatMap(
                e ->
                    Stream.iterate(1, n -> n + 1)
                        .limit(e.getValue())
                        .map(n -> file(e.getKey(), n).getFileName().toString()))
            .toList();
    try (Stream<Path> files = Files.list(GOLDEN)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
