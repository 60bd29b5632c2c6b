package io.holdfast.testing.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.ActorSystem;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializer;
import akka.serialization.SerializerWithStringManifest;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.typesafe.config.Config;
import java.io.IOException;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What is stored must be readable for ever: each event has a logical name, a description of its
 * shape, and golden files that are never edited. With {@code -Dgolden.write=true} missing files are
 * written; none is ever overwritten.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class JournalledEventsContract {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/journal");
  private static final Path SHAPES = Path.of("src/test/resources/golden/shapes");

  /** Refuses what a class would write and not read. */
  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
          .build();

  private ActorSystem system;
  private Map<String, String> registered;

  /** The configuration of the program, without a cluster. */
  protected abstract Config config();

  /** The sealed interfaces of events. */
  protected abstract List<Class<?>> sealed();

  /** Of each event one with and one without what is optional. */
  protected abstract List<Object> events();

  /** States that fixed events lead to; what they come to is part of what is stored. */
  protected abstract List<Object> states();

  @BeforeAll
  void start() {
    Config config = config();
    system = ActorSystem.create("events", config);
    registered = new TreeMap<>();
    for (String section : List.of("holdfast.journal.events", "holdfast.journal.states")) {
      config
          .getObject(section)
          .forEach((name, type) -> registered.put(name, (String) type.unwrapped()));
    }
  }

  @AfterAll
  void stop() throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private List<Object> samples() {
    List<Object> all = new ArrayList<>(events());
    all.addAll(states());
    return all;
  }

  private SerializerWithStringManifest serializerOf(Object event) {
    Serializer found = SerializationExtension.get(system).findSerializerFor(event);
    assertThat(found.getClass().getSimpleName())
        .as("the serializer of %s", event.getClass())
        .isEqualTo("JournalSerializer");
    return (SerializerWithStringManifest) found;
  }

  private SerializerWithStringManifest serializer() {
    return serializerOf(events().get(0));
  }

  private static Path golden(String manifest, int number) {
    return GOLDEN.resolve(manifest.replace('/', '.') + "." + number + ".json");
  }

  private static boolean writes(Path file) throws IOException {
    boolean writes = !Files.exists(file) && Boolean.getBoolean("golden.write");
    if (writes) {
      Files.createDirectories(file.getParent());
    }
    return writes;
  }

  @Test
  void everyPermittedEventHasASampleAndALogicalName() {
    Set<Object> sampled = samples().stream().map(Object::getClass).collect(Collectors.toSet());
    for (Class<?> sealed : sealed()) {
      assertThat(sampled)
          .as("samples of %s", sealed)
          .contains((Object[]) sealed.getPermittedSubclasses());
    }
    Map<String, Set<String>> namesOfClasses = new HashMap<>();
    registered.forEach(
        (manifest, type) ->
            namesOfClasses
                .computeIfAbsent(type, t -> new java.util.TreeSet<>())
                .add(manifest.substring(0, manifest.indexOf('/'))));
    assertThat(namesOfClasses.keySet())
        .as("the classes in reference.conf, each of which needs a sample")
        .isEqualTo(sampled.stream().map(t -> ((Class<?>) t).getName()).collect(Collectors.toSet()));
    assertThat(namesOfClasses.values())
        .as("each class under one name")
        .allSatisfy(names -> assertThat(names).hasSize(1));
  }

  @Test
  void everyEventComesBackFromTheJournalAsItWas() throws Exception {
    for (Object event : samples()) {
      SerializerWithStringManifest serializer = serializerOf(event);
      String manifest = serializer.manifest(event);
      assertThat(manifest).matches("[a-z][a-z0-9-]*/[0-9]+");
      assertThat(serializer.fromBinary(serializer.toBinary(event), manifest)).isEqualTo(event);
    }
  }

  @Test
  void nothingIsWrittenThatIsNotRead() throws Exception {
    for (Object event : samples()) {
      assertThat(STRICT.readValue(serializerOf(event).toBinary(event), event.getClass()))
          .as("a getter that is no field? @JsonIgnore keeps it out of %s", event.getClass())
          .isEqualTo(event);
    }
  }

  @Test
  void p5WhatEarlierVersionsStoredIsRead() throws Exception {
    Map<String, Integer> numbers = new HashMap<>();
    for (Object event : samples()) {
      SerializerWithStringManifest serializer = serializerOf(event);
      String manifest = serializer.manifest(event);
      Path file = golden(manifest, numbers.merge(manifest, 1, Integer::sum));
      if (writes(file)) {
        Files.write(file, serializer.toBinary(event));
      }
      assertThat(file)
          .as("the golden file of %s; -Dgolden.write=true writes it", manifest)
          .exists();
      assertThat(serializer.fromBinary(Files.readAllBytes(file), manifest))
          .as(
              "%s: never edit it. A changed event gets a new version; so does a state, also when"
                  + " only what events make of it has changed: see the checklists in"
                  + " docs/ARCHITECTURE.md",
              file)
          .isEqualTo(event);
    }
  }

  @Test
  void p5EveryGoldenFileEverWrittenIsReadable() throws Exception {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      for (Path file : files.toList()) {
        String[] name = file.getFileName().toString().split("\\.", -1);
        String manifest = name[0] + "/" + name[1];
        boolean isState = states().stream().anyMatch(s -> hasName(s, name[0]));
        if (isState && !registered.containsKey(manifest)) {
          // A state of an older version is passed over: its events are read.
          continue;
        }
        assertThat(serializer().fromBinary(Files.readAllBytes(file), manifest))
            .as("%s", file)
            .isNotNull();
      }
    }
  }

  private boolean hasName(Object sample, String name) {
    return serializerOf(sample).manifest(sample).startsWith(name + "/");
  }

  @Test
  void p5WhatIsStoredUnderANameHasTheShapeThatItAlwaysHad() throws Exception {
    for (Object event : samples()) {
      String manifest = serializerOf(event).manifest(event);
      Path file = SHAPES.resolve(manifest.replace('/', '.') + ".txt");
      String shape = StoredShape.of(event.getClass());
      if (writes(file)) {
        Files.writeString(file, shape);
      }
      assertThat(file).as("the shape of %s; -Dgolden.write=true writes it", manifest).exists();
      assertThat(shape)
          .as(
              "%s has another shape than %s says, and journals hold the former one. Register its"
                  + " class under the next version as well (an event: keep the old name, with a"
                  + " migration if the class cannot read it; a state: take the old name out), then"
                  + " -Dgolden.write=true. See the checklists in docs/ARCHITECTURE.md",
              manifest, file)
          .isEqualTo(Files.readString(file));
    }
  }

  @Test
  void aFieldThatALaterVersionAddedIsPassedOver() throws Exception {
    for (Object event : samples()) {
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
  void aStateThatLacksAFieldIsNotRead() throws Exception {
    for (Object state : states()) {
      SerializerWithStringManifest serializer = serializerOf(state);
      ObjectNode whole = (ObjectNode) STRICT.readTree(serializer.toBinary(state));
      for (String field : whole.properties().stream().map(Map.Entry::getKey).toList()) {
        byte[] less = STRICT.writeValueAsBytes(whole.deepCopy().without(field));
        assertThatThrownBy(() -> serializer.fromBinary(less, serializer.manifest(state)))
            .as("%s without %s", state.getClass(), field)
            .isInstanceOf(NotSerializableException.class);
      }
    }
  }

  @Test
  void noGoldenFileIsLeftAlone() throws Exception {
    Map<String, Long> samples =
        samples().stream()
            .collect(
                Collectors.groupingBy(
                    event -> serializerOf(event).manifest(event), Collectors.counting()));
    List<String> expected =
        samples.entrySet().stream()
            .flatMap(
                e ->
                    Stream.iterate(1, n -> n + 1)
                        .limit(e.getValue())
                        .map(n -> golden(e.getKey(), n).getFileName().toString()))
            .toList();
    try (Stream<Path> files = Files.list(GOLDEN)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .filteredOn(name -> samples.containsKey(name.replaceAll("\\.([0-9]+)\\..*", "/$1")))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
