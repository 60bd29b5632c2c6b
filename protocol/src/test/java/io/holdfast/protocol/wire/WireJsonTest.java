package io.holdfast.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.Outcome;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What goes over the line, against files that are never edited. With {@code -Dgolden.create=true} a
 * file that is not there yet is written, to be looked at and committed.
 */
class WireJsonTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden");

  /** Lists and maps that a sender may leave out: then they are empty. */
  private static final Set<String> EMPTY_WHEN_ABSENT =
      Set.of(
          "TaskSpec.parameters",
          "InventoryItem.requests",
          "Request.acks",
          "Request.commands",
          "Response.reports",
          "Response.outputs",
          "Response.refused",
          "Response.calls",
          "UsedNumbers.jobs");

  private static Stream<String> names() {
    return Golden.messages().keySet().stream();
  }

  private static byte[] file(String name) throws IOException {
    return Files.readAllBytes(FOLDER.resolve(name + ".json"));
  }

  private static JsonNode tree(byte[] json) throws IOException {
    return WireJson.MAPPER.readTree(json);
  }

  // ---- golden files

  @ParameterizedTest
  @MethodSource("names")
  void aGoldenFileIsReadAndWrittenAsItStands(String name) throws IOException {
    Object message = Golden.messages().get(name);
    Path path = FOLDER.resolve(name + ".json");
    if (!Files.exists(path)) {
      String pretty =
          WireJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(message) + "\n";
      if (!Boolean.getBoolean("golden.create")) {
        fail("%s is missing; create it with -Dgolden.create=true. It would be%n%s", path, pretty);
      }
      Files.writeString(path, pretty);
    }
    assertThat(WireJson.read(file(name), Golden.readAs(message))).isEqualTo(message);
    assertThat(tree(WireJson.write(message)))
        .as("the format has changed: keep reading the old file, and add a new one")
        .isEqualTo(tree(file(name)));
  }

  @Test
  void everyGoldenFileIsTested() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.map(path -> path.getFileName().toString().replace(".json", "")))
          .containsExactlyInAnyOrderElementsOf(Golden.messages().keySet());
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void unknownFieldsAreTolerated(String name) throws IOException {
    Object message = Golden.messages().get(name);
    JsonNode json = tree(file(name));
    for (Place place : places(message, json)) {
      if (place.record() && json.at(place.pointer()) instanceof ObjectNode object) {
        object.put("fieldOfALaterRelease", 1);
      }
    }
    if (json instanceof ObjectNode object) {
      object.putObject("another").put("deep", true);
    }
    assertThat(read(json, message)).isEqualTo(message);
  }

  // ---- faults

  /** A place in a message: a field of the record of {@code owner}, or a record itself. */
  private record Place(
      String pointer, boolean record, String owner, String field, boolean mayBeAbsent) {}

  private static List<Place> places(Object message, JsonNode json) {
    List<Place> places = new ArrayList<>();
    collect(message, json, "", places);
    return places;
  }

  private static void collect(Object value, JsonNode json, String pointer, List<Place> into) {
    if (value instanceof Optional<?> optional) {
      optional.ifPresent(inner -> collect(inner, json, pointer, into));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(list.get(i), json.get(i), pointer + "/" + i, into);
      }
    } else if (value instanceof Record && json.isObject()) {
      into.add(new Place(pointer, true, "", "", false));
      String owner = value.getClass().getSimpleName();
      if (json.has("type")) {
        into.add(new Place(pointer, false, owner, "type", false));
      }
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        String field = component.getName();
        if (!json.has(field) && EMPTY_WHEN_ABSENT.contains(owner + "." + field)) {
          assertThat(get(component, value)).as(owner + "." + field).isEqualTo(List.of());
          continue;
        }
        if (!json.has(field)) {
          assertThat(component.getType() == Optional.class || isLeftOutWhenEmpty(owner, field))
              .as("%s.%s may be left out", owner, field)
              .isTrue();
          continue;
        }
        boolean mayBeAbsent =
            component.getType() == Optional.class
                || EMPTY_WHEN_ABSENT.contains(owner + "." + field);
        into.add(new Place(pointer, false, owner, field, mayBeAbsent));
        collect(get(component, value), json.get(field), pointer + "/" + field, into);
      }
    }
  }

  /** Added after its message was in use: the older golden files stand as they are. */
  private static boolean isLeftOutWhenEmpty(String owner, String field) {
    return (owner + "." + field).equals("Response.calls");
  }

  private static Object get(RecordComponent component, Object of) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object read(JsonNode json, Object like) throws IOException {
    return WireJson.read(WireJson.MAPPER.writeValueAsBytes(json), Golden.readAs(like));
  }

  @ParameterizedTest
  @MethodSource("names")
  void aMissingFieldIsNamed(String name) throws IOException {
    Object message = Golden.messages().get(name);
    JsonNode whole = tree(file(name));
    for (Place place : places(message, whole)) {
      if (place.record()) {
        continue;
      }
      JsonNode json = whole.deepCopy();
      ((ObjectNode) json.at(place.pointer())).remove(place.field());
      if (place.mayBeAbsent() && !place.field().equals("outcome")) {
        assertThatCode(() -> read(json, message)).as("%s", place).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> read(json, message))
            .as("%s", place)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(place.field())
            .hasMessageStartingWith("not a ");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aFieldOfTheWrongTypeIsNamed(String name) throws IOException {
    Object message = Golden.messages().get(name);
    JsonNode whole = tree(file(name));
    for (Place place : places(message, whole)) {
      if (place.record()) {
        continue;
      }
      JsonNode json = whole.deepCopy();
      ((ObjectNode) json.at(place.pointer())).putArray(place.field()).addArray();
      assertThatThrownBy(() -> read(json, message))
          .as("%s", place)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(place.field())
          .hasMessageStartingWith("not a ");
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aFieldThatIsNullIsAbsentOrNamed(String name) throws IOException {
    Object message = Golden.messages().get(name);
    JsonNode whole = tree(file(name));
    for (Place place : places(message, whole)) {
      if (place.record()) {
        continue;
      }
      JsonNode json = whole.deepCopy();
      ((ObjectNode) json.at(place.pointer())).putNull(place.field());
      if (place.mayBeAbsent() && !place.field().equals("outcome")) {
        assertThatCode(() -> read(json, message)).as("%s", place).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> read(json, message))
            .as("%s", place)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(place.field());
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                          | not a Outcome",
        "null                                        | not a Outcome: null",
        "[]                                          | not a Outcome",
        "{\"type\":\"exited\"                        | not a Outcome",
        "{\"code\":3}                                | type",
        "{\"type\":\"no-such\",\"code\":3}           | no-such",
        "{\"type\":\"exited\",\"code\":\"three\"}    | code",
        "{\"type\":\"stopped\",\"reason\":\"bored\"} | reason",
      })
  void whatIsNoMessageIsRefusedInWords(String json, String says) {
    assertThatThrownBy(() -> WireJson.read(json.getBytes(StandardCharsets.UTF_8), Outcome.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(says);
  }

  @Test
  void aBadIdInAMessageIsQuoted() {
    assertThatThrownBy(
            () ->
                WireJson.read(
                    "{\"type\":\"give-up\",\"execution\":\"../x\"}"
                        .getBytes(StandardCharsets.UTF_8),
                    MasterCommand.class))
        .hasMessageContaining("execution '../x' is not of the form job#number.attempt");
    assertThat(WireJson.read("\"a#1.1\"".getBytes(StandardCharsets.UTF_8), ExecutionId.class))
        .isEqualTo(ExecutionId.parse("a#1.1"));
  }

  @Test
  void aParameterWithoutAValueIsNamed() throws IOException {
    JsonNode json = tree(file("task-spec"));
    ((ObjectNode) json.get("parameters")).putNull("TARGET");
    assertThatThrownBy(() -> read(json, Golden.messages().get("task-spec")))
        .hasMessageContaining("parameters.TARGET");
  }

  @Test
  void R5_aStartThatNamesAnotherExecutionIsRefused() throws IOException {
    JsonNode json = tree(file("command-start"));
    ((ObjectNode) json).put("prior", "nightly-backup#41.1/1");
    assertThatThrownBy(() -> read(json, Golden.messages().get("command-start")))
        .hasMessageContaining("start of nightly-backup#42.1 by request nightly-backup#42.1/2");
  }

  // ---- completeness

  private static List<Class<?>> module() {
    return new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.holdfast.protocol")
            .stream()
            .<Class<?>>map(JavaClass::reflect)
            .toList();
  }

  @Test
  void everySealedTypeOnTheWireNamesAllItsSubtypes() {
    List<Class<?>> onTheWire =
        module().stream()
            .filter(Class::isSealed)
            .filter(type -> type.isAnnotationPresent(JsonTypeInfo.class))
            .toList();
    assertThat(onTheWire).hasSizeGreaterThanOrEqualTo(3);
    for (Class<?> type : onTheWire) {
      JsonSubTypes.Type[] named = type.getAnnotation(JsonSubTypes.class).value();
      assertThat(Arrays.stream(named).map(JsonSubTypes.Type::value))
          .as("@JsonSubTypes of " + type)
          .containsExactlyInAnyOrder(type.getPermittedSubclasses());
      assertThat(Arrays.stream(named).map(JsonSubTypes.Type::name))
          .doesNotHaveDuplicates()
          .allMatch(word -> word.matches("[a-z]+(-[a-z]+)*"));
      assertThat(Golden.messages().values().stream().map(Object::getClass))
          .as("golden files of " + type)
          .contains(type.getPermittedSubclasses());
    }
  }

  /** A message type that is new, or a sealed type that a message begins to hold, is found here. */
  @Test
  void everythingThatAMessageHoldsHasAGoldenFile() {
    Set<Class<?>> held = new HashSet<>();
    for (Object message : Golden.messages().values()) {
      reach(message.getClass(), held);
    }
    for (Class<?> type : held) {
      if (type.isSealed()) {
        assertThat(type.isAnnotationPresent(JsonTypeInfo.class))
            .as("%s on the wire", type)
            .isTrue();
      }
    }
    Set<Class<?>> wire =
        module().stream()
            .filter(type -> type.getPackage().equals(WireJson.class.getPackage()))
            .filter(Class::isRecord)
            .collect(Collectors.toSet());
    assertThat(held).as("reached from the golden messages").containsAll(wire);
  }

  private static void reach(Type type, Set<Class<?>> seen) {
    if (type instanceof ParameterizedType generic) {
      Arrays.stream(generic.getActualTypeArguments()).forEach(inner -> reach(inner, seen));
    } else if (type instanceof Class<?> plain
        && plain.getName().startsWith("io.holdfast.")
        && seen.add(plain)) {
      if (plain.isSealed()) {
        Arrays.stream(plain.getPermittedSubclasses()).forEach(inner -> reach(inner, seen));
      }
      if (plain.isRecord()) {
        Arrays.stream(plain.getRecordComponents())
            .forEach(component -> reach(component.getGenericType(), seen));
      }
    }
  }

  /** A renamed constant would be another word on the wire. */
  @Test
  void everyWordOnTheWireIsWrittenDown() throws NoSuchFieldException {
    for (Class<?> type : module()) {
      if (!type.isEnum() || type.getName().contains("AgentLease")) {
        continue;
      }
      for (Object constant : type.getEnumConstants()) {
        JsonProperty word =
            type.getField(((Enum<?>) constant).name()).getAnnotation(JsonProperty.class);
        assertThat(word).as("@JsonProperty of %s.%s", type.getName(), constant).isNotNull();
      }
    }
  }

  @Test
  void noneOfTheGoldenMessagesIsLikeAnother() {
    Map<Object, List<String>> byMessage =
        Golden.messages().entrySet().stream()
            .collect(
                Collectors.groupingBy(
                    Map.Entry::getValue,
                    Collectors.mapping(Map.Entry::getKey, Collectors.toList())));
    assertThat(byMessage.values()).allMatch(names -> names.size() == 1);
  }
}
