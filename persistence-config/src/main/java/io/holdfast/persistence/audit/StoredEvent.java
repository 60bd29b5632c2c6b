package io.holdfast.persistence.audit;

import io.holdfast.persistence.EventTags;
import io.holdfast.persistence.JournalCut;
import java.util.List;

/**
 * One event as a store has it, without what is particular to the store.
 *
 * @param sequenceNr its number within the persistence id
 * @param timestamp when it was written, in milliseconds since 1970, by the writer's wall clock
 * @param writer which life of the actor wrote it
 * @param adapterManifest what Akka's event adapter noted
 * @param serializerId Akka's number of the payload's serializer
 * @param manifest the payload's name, such as {@code job-defined/1}
 * @param tags sorted
 * @param payload as it was serialized
 */
public record StoredEvent(
    String persistenceId,
    long sequenceNr,
    long timestamp,
    String writer,
    String adapterManifest,
    int serializerId,
    String manifest,
    List<String> tags,
    byte[] payload) {
  /** What the store itself writes behind the events that a repair could keep of a damaged id. */
  public static final String CUT = JournalCut.MANIFEST;

  public StoredEvent {
    String kind = EventTags.kind(persistenceId);
    tags = tags.stream().filter(tag -> !tag.equals(kind)).sorted().toList();
  }

  /** Whether the numbers may jump here: what was between was lost, and a repair has said so. */
  public boolean isCut() {
    return manifest.equals(CUT);
  }
}
