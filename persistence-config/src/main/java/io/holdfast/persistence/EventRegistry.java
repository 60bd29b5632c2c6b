package io.holdfast.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The logical names of events, {@code name/version}, and their classes, as {@code
 * holdfast.journal.events} lists them. What is stored carries the name, so a class may be renamed
 * or moved. Immutable.
 *
 * <p>One class may read several versions of one name; it is written under the newest of them.
 */
final class EventRegistry {
  static final String SECTION = "holdfast.journal.events";

  private static final Pattern MANIFEST = Pattern.compile("([a-z][a-z0-9-]*)/([1-9][0-9]{0,5})");

  private final Map<String, Class<?>> classes;
  private final Map<Class<?>, String> manifests;

  private EventRegistry(Map<String, Class<?>> classes, Map<Class<?>, String> manifests) {
    this.classes = Map.copyOf(classes);
    this.manifests = Map.copyOf(manifests);
  }

  /**
   * Reads the section of the actor system's whole configuration.
   *
   * @throws ConfigException naming the entry that is not right, and why
   */
  static EventRegistry of(Config system, ClassLoader loader) {
    Map<String, Class<?>> classes = new HashMap<>();
    Map<Class<?>, String> manifests = new HashMap<>();
    ConfigObject entries = system.getObject(SECTION);
    for (Map.Entry<String, ConfigValue> entry : entries.entrySet()) {
      String manifest = entry.getKey();
      if (!MANIFEST.matcher(manifest).matches()) {
        throw wrong(entry, "the name is not of the form \"some-name/1\"");
      }
      if (entry.getValue().valueType() != ConfigValueType.STRING) {
        throw wrong(entry, "the value is not the name of a class");
      }
      Class<?> type = load(entry, loader);
      classes.put(manifest, type);
      String other = manifests.get(type);
      if (other != null && !name(other).equals(name(manifest))) {
        throw wrong(entry, "the class is registered as \"" + other + "\" too");
      }
      if (other == null || version(other) < version(manifest)) {
        manifests.put(type, manifest);
      }
    }
    return new EventRegistry(classes, manifests);
  }

  /** The class that reads what is stored under a name. */
  Optional<Class<?>> type(String manifest) {
    return Optional.ofNullable(classes.get(manifest));
  }

  /** The name that a class is stored under. */
  Optional<String> manifest(Class<?> type) {
    return Optional.ofNullable(manifests.get(type));
  }

  private static Class<?> load(Map.Entry<String, ConfigValue> entry, ClassLoader loader) {
    try {
      return Class.forName((String) entry.getValue().unwrapped(), false, loader);
    } catch (ClassNotFoundException e) {
      throw wrong(entry, "there is no such class (of a nested one the name is Outer$Inner)");
    }
  }

  private static String name(String manifest) {
    return matched(manifest).group(1);
  }

  private static int version(String manifest) {
    return Integer.parseInt(matched(manifest).group(2));
  }

  private static Matcher matched(String manifest) {
    Matcher matcher = MANIFEST.matcher(manifest);
    if (!matcher.matches()) {
      throw new IllegalStateException(manifest);
    }
    return matcher;
  }

  private static ConfigException wrong(Map.Entry<String, ConfigValue> entry, String why) {
    return new ConfigException.Generic(
        "%s: in %s, \"%s\" = %s: %s."
            .formatted(
                entry.getValue().origin().description(),
                SECTION,
                entry.getKey(),
                entry.getValue().unwrapped(),
                why));
  }
}
