package io.holdfast.testing.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Describes what a class looks like as JSON: names and kinds of its fields, all the way down,
 * without names of classes. Two classes with one description read and write the same.
 *
 * <p>It refuses whatever could hold anything (an {@code Object}, an open interface, a type named by
 * its class): such a field would let stored text choose a class.
 */
final class StoredShape {
  private static final Map<Class<?>, String> KINDS =
      Map.of(
          String.class, "text",
          int.class, "int",
          long.class, "long",
          Integer.class, "int",
          Long.class, "long",
          boolean.class, "boolean",
          Instant.class, "instant",
          Duration.class, "duration");

  private final StringBuilder text = new StringBuilder();
  private final List<Class<?>> within = new ArrayList<>();

  private StoredShape() {}

  /** The description of a record, a field in each line. */
  static String of(Class<?> type) {
    StoredShape shape = new StoredShape();
    shape.fields(type, 0);
    return shape.text.toString();
  }

  private void fields(Class<?> record, int depth) {
    if (!record.isRecord()) {
      throw new IllegalArgumentException(record + " is not stored: it is no record");
    }
    if (within.contains(record)) {
      throw new IllegalArgumentException(record + " holds itself: " + within);
    }
    within.add(record);
    typeName(record).ifPresent(name -> line(depth, name));
    for (RecordComponent field : record.getRecordComponents()) {
      line(depth, field.getName() + ": " + kind(field.getGenericType()));
      nested(field.getGenericType(), depth + 1);
    }
    within.remove(record);
  }

  private void line(int depth, String words) {
    text.append("  ".repeat(depth)).append(words).append('\n');
  }

  private String kind(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] of = generic.getActualTypeArguments();
      Class<?> raw = (Class<?>) generic.getRawType();
      if (raw == Optional.class) {
        return "optional " + kind(of[0]);
      }
      if (Collection.class.isAssignableFrom(raw)) {
        return "list of " + kind(of[0]);
      }
      if (Map.class.isAssignableFrom(raw)) {
        return "map of " + kind(of[0]) + " to " + kind(of[1]);
      }
      throw new IllegalArgumentException(type + " is not stored");
    }
    Class<?> plain = (Class<?>) type;
    if (KINDS.containsKey(plain)) {
      return KINDS.get(plain);
    }
    if (plain.isEnum()) {
      return "one of " + constants(plain);
    }
    Optional<Type> value = jsonValue(plain);
    if (value.isPresent()) {
      return kind(value.get());
    }
    return plain.isSealed() ? "one of these" : "object";
  }

  private void nested(Type type, int depth) {
    if (type instanceof ParameterizedType generic) {
      for (Type of : generic.getActualTypeArguments()) {
        nested(of, depth);
      }
      return;
    }
    Class<?> plain = (Class<?>) type;
    if (KINDS.containsKey(plain) || plain.isEnum() || jsonValue(plain).isPresent()) {
      return;
    }
    if (!plain.isSealed()) {
      fields(plain, depth);
      return;
    }
    requireNamed(plain);
    for (JsonSubTypes.Type sub : plain.getAnnotation(JsonSubTypes.class).value()) {
      line(depth, "either");
      fields(sub.value(), depth + 1);
    }
  }

  private static void requireNamed(Class<?> type) {
    JsonTypeInfo info = type.getAnnotation(JsonTypeInfo.class);
    if (info == null
        || info.use() != JsonTypeInfo.Id.NAME
        || !type.isAnnotationPresent(JsonSubTypes.class)) {
      throw new IllegalArgumentException(
          type + " must list its kinds by name: stored text must not choose a class");
    }
  }

  /** The field by which a kind is told from others. */
  private static Optional<String> typeName(Class<?> record) {
    for (Class<?> parent : record.getInterfaces()) {
      JsonSubTypes kinds = parent.getAnnotation(JsonSubTypes.class);
      if (kinds != null) {
        requireNamed(parent);
        String property = parent.getAnnotation(JsonTypeInfo.class).property();
        return Arrays.stream(kinds.value())
            .filter(kind -> kind.value() == record)
            .map(kind -> property + " = " + kind.name())
            .findFirst();
      }
    }
    return Optional.empty();
  }

  private static String constants(Class<?> type) {
    return Arrays.stream(type.getFields())
        .filter(Field::isEnumConstant)
        .map(field -> renamed(field).orElse(field.getName()))
        .collect(Collectors.joining(", "));
  }

  private static Optional<String> renamed(AnnotatedElement element) {
    return Optional.ofNullable(element.getAnnotation(JsonProperty.class)).map(JsonProperty::value);
  }

  private static Optional<Type> jsonValue(Class<?> type) {
    for (Method method : type.getMethods()) {
      if (method.isAnnotationPresent(JsonValue.class)) {
        return Optional.of(method.getGenericReturnType());
      }
    }
    if (type.isRecord()) {
      for (RecordComponent field : type.getRecordComponents()) {
        if (field.getAccessor().isAnnotationPresent(JsonValue.class)) {
          return Optional.of(field.getGenericType());
        }
      }
    }
    return Optional.empty();
  }
}
