package io.holdfast.master.run;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.wire.TaskCall;
import io.holdfast.protocol.wire.WireJson;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the tasks of one run told their master (R5): hard state, bounded by {@link TaskCallRules}.
 *
 * @param writes how often variables were set in all
 * @param keys the newest idempotency keys, each with the fingerprint of what it was used for
 * @param heard the newest call of each of the newest lives of the agent, of {@code caller} alone
 */
public record Told(
    SortedMap<String, Variable> variables,
    List<Note> notes,
    Optional<Progress> progress,
    int writes,
    Map<String, String> keys,
    Optional<ExecutionId> caller,
    Map<Incarnation, Long> heard) {
  /** Idempotency keys that are remembered of one run. */
  static final int KEPT_KEYS = 100;

  /** Lives of an agent of which the newest call is remembered. */
  static final int KEPT_LIVES = 10;

  static final Told NOTHING =
      new Told(
          Collections.emptySortedMap(),
          List.of(),
          Optional.empty(),
          0,
          Map.of(),
          Optional.empty(),
          Map.of());

  /** A variable, and who set it. */
  public record Variable(String value, ExecutionId writer, FencingToken token, Instant at) {}

  /** A line in the history of the run. */
  public record Note(ExecutionId writer, String text, Instant at) {}

  /** How far it is. */
  public record Progress(ExecutionId writer, int percent, String text, Instant at) {}

  /** Whether the effect of this call is here already. */
  boolean has(TaskCall call) {
    Long newest =
        caller.equals(Optional.of(call.execution())) ? heard.get(call.id().incarnation()) : null;
    return newest != null && call.id().number() <= newest;
  }

  /** How much is kept of it. */
  long characters() {
    long characters = progress.map(made -> made.text().length()).orElse(0);
    for (Map.Entry<String, Variable> variable : variables.entrySet()) {
      characters += variable.getKey().length() + variable.getValue().value().length();
    }
    for (Note note : notes) {
      characters += note.text().length();
    }
    return characters;
  }

  Told with(JobEvent.VariableSet event) {
    SortedMap<String, Variable> more = new TreeMap<>(variables);
    more.put(
        event.name(), new Variable(event.value(), event.execution(), event.token(), event.at()));
    return new Told(
        Collections.unmodifiableSortedMap(more),
        notes,
        progress,
        writes + 1,
        keysWith(event.key(), new TaskCall.PutVariable(event.name(), event.value())),
        Optional.of(event.execution()),
        heardWith(event.execution(), event.call()));
  }

  Told with(JobEvent.NoteAdded event) {
    List<Note> more = new ArrayList<>(notes);
    more.add(new Note(event.execution(), event.text(), event.at()));
    return new Told(
        variables,
        List.copyOf(more),
        progress,
        writes,
        keysWith(event.key(), new TaskCall.Note(event.text())),
        Optional.of(event.execution()),
        heardWith(event.execution(), event.call()));
  }

  Told with(JobEvent.ProgressMade event) {
    return new Told(
        variables,
        notes,
        Optional.of(new Progress(event.execution(), event.percent(), event.text(), event.at())),
        writes,
        keys,
        Optional.of(event.execution()),
        heardWith(event.execution(), event.call()));
  }

  private Map<String, String> keysWith(Optional<String> key, TaskCall.Ask usedFor) {
    return key.map(k -> newest(keys, k, fingerprint(usedFor), KEPT_KEYS)).orElse(keys);
  }

  private Map<Incarnation, Long> heardWith(ExecutionId execution, TaskCall.Id call) {
    Map<Incarnation, Long> before = caller.equals(Optional.of(execution)) ? heard : Map.of();
    long number = Math.max(call.number(), before.getOrDefault(call.incarnation(), 0L));
    return newest(before, call.incarnation(), number, KEPT_LIVES);
  }

  private static <K, V> Map<K, V> newest(Map<K, V> before, K key, V value, int kept) {
    Map<K, V> more = new LinkedHashMap<>(before);
    more.remove(key);
    more.put(key, value);
    Iterator<K> oldest = more.keySet().iterator();
    while (more.size() > kept) {
      oldest.next();
      oldest.remove();
    }
    return Collections.unmodifiableMap(more);
  }

  /** By which two uses of one key are told apart; what it stands for is not kept twice. */
  static String fingerprint(TaskCall.Ask ask) {
    String text;
    if (ask instanceof TaskCall.PutVariable put) {
      text = "put " + put.name() + " " + put.value();
    } else if (ask instanceof TaskCall.Note note) {
      text = "note " + note.text();
    } else {
      return "";
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(WireJson.write(text));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
