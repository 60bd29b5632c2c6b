package io.holdfast.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The logical names of events and states, {@code name/version}, and their classes, as {@code
 * holdfast.journal.events} and {@code holdfast.journal.states} list them. What is stored carries
 * the name, so a class may be renamed or moved, and a name that is not listed loads no class.
 * Immutable.
 *
 * <p>One class may read several versions of one name; it is written under the newest of them. A
 * version whose fields are others than today's has an {@link EventMigration} to the next one.
 */
final class EventRegistry {
  static final String SECTION = "holdfast.journal.events";
  static final String STATES = "holdfast.journal.states";
  static final String MIGRATIONS = "holdfast.journal.migrations";

  private static final Pattern MANIFEST = Pattern.compile("([a-z][a-z0-9-]*)/([1-9][0-9]{0,5})");

  private final Map<String, Reading> readings = new HashMap<>();
  private final Map<Class<?>, String> manifests = new HashMap<>();

  private EventRegistry() {}

  /**
   * How what is stored under a name is read.
   *
   * @param type the class that it becomes
   * @param isState whether it is a state: one that lacks a field is not read, as its events can be
   * @param migrations what is done with the JSON before, in this order
   */
  record Reading(Class<?> type, boolean isState, List<EventMigration> migrations) {}

  /**
   * Reads the sections of the actor system's whole configuration.
   *
   * @throws ConfigException naming the entry that is not right, and why
   */
  static EventRegistry of(Config system, ClassLoader loader) {
    EventRegistry registry = new EventRegistry();
    for (String section : List.of(SECTION, STATES)) {
      for (Entry entry : Entry.all(system, section)) {
        registry.add(entry, entry.load(loader));
      }
    }
    registry.migrate(Entry.all(system, MIGRATIONS), loader);
    return registry;
  }

  private void add(Entry entry, Class<?> type) {
    boolean isState = entry.section().equals(STATES);
    if (readings.put(entry.manifest(), new Reading(type, isState, List.of())) != null) {
      throw entry.wrong("the name is one of an event, too");
    }
    String other = manifests.get(type);
    if (other != null && !Entry.name(other).equals(entry.name())) {
      throw entry.wrong("the class is registered as \"" + other + "\" too");
    }
    if (other == null || Entry.version(other) < entry.version()) {
      manifests.put(type, entry.manifest());
    }
  }

  /** Newest versions first, so that each finds the way of the next one. */
  private void migrate(List<Entry> entries, ClassLoader loader) {
    List<Entry> newestFirst = new ArrayList<>(entries);
    newestFirst.sort(Comparator.comparingInt((Entry entry) -> entry.version()).reversed());
    for (Entry entry : newestFirst) {
      Reading next = readings.get(entry.next());
      if (next == null) {
        throw entry.wrong("there is no \"" + entry.next() + "\" that it could lead to");
      }
      if (readings.containsKey(entry.manifest())) {
        throw entry.wrong("that version is read by a class already");
      }
      List<EventMigration> way = new ArrayList<>();
      way.add(entry.make(loader));
      way.addAll(next.migrations());
      readings.put(entry.manifest(), new Reading(next.type(), next.isState(), List.copyOf(way)));
    }
  }

  /** How what is stored under a name is read. */
  Optional<Reading> reading(String manifest) {
    return Optional.ofNullable(readings.get(manifest));
  }

  /** The name that a class is stored under. */
  Optional<String> manifest(Class<?> type) {
    return Optional.ofNullable(manifests.get(type));
  }

  /** One line of the configuration. */
  private record Entry(String section, String manifest, ConfigValue value) {
    static List<Entry> all(Config system, String section) {
      List<Entry> entries = new ArrayList<>();
      if (system.hasPath(section)) {
        system.getObject(section).forEach((key, value) -> entries.add(entry(section, key, value)));
      }
      return entries;
    }

    private static Entry entry(String section, String manifest, ConfigValue value) {
      Entry entry = new Entry(section, manifest, value);
      if (!MANIFEST.matcher(manifest).matches()) {
        throw entry.wrong("the name is not of the form \"some-name/1\"");
      }
      if (value.valueType() != ConfigValueType.STRING) {
        throw entry.wrong("the value is not the name of a class");
      }
      return entry;
    }

    Class<?> load(ClassLoader loader) {
      try {
        return Class.forName((String) value.unwrapped(), false, loader);
      } catch (ClassNotFoundException e) {
        throw wrong("there is no such class (of a nested one the name is Outer$Inner)");
      }
    }

    EventMigration make(ClassLoader loader) {
      Class<?> type = load(loader);
      if (!EventMigration.class.isAssignableFrom(type)) {
        throw wrong("the class is no " + EventMigration.class.getName());
      }
      try {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        return (EventMigration) constructor.newInstance();
      } catch (ReflectiveOperationException e) {
        throw wrong("the class has no constructor without parameters that works (" + e + ")");
      }
    }

    String name() {
      return name(manifest);
    }

    int version() {
      return version(manifest);
    }

    String next() {
      return name() + "/" + (version() + 1);
    }

    static String name(String manifest) {
      return matched(manifest).group(1);
    }

    static int version(String manifest) {
      return Integer.parseInt(matched(manifest).group(2));
    }

    private static Matcher matched(String manifest) {
      Matcher matcher = MANIFEST.matcher(manifest);
      if (!matcher.matches()) {
        throw new IllegalStateException(manifest);
      }
      return matcher;
    }

    ConfigException wrong(String why) {
      return new ConfigException.Generic(
          "%s: in %s, \"%s\" = %s: %s."
              .formatted(value.origin().description(), section, manifest, value.unwrapped(), why));
    }
  }
}
