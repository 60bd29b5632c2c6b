package io.holdfast.persistence.snapshot;

import akka.persistence.SnapshotMetadata;
import akka.serialization.Serialization;
import akka.serialization.Serializer;
import akka.serialization.Serializers;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.JournalSerializer;

/**
 * Makes stored snapshots of states and back, by the serializer that Akka's configuration binds to
 * the state's class. Any thread may use it.
 */
final class SnapshotCodec {
  private final Serialization serialization;
  private final int mostBytes;

  /**
   * @param mostBytes of a state when it is serialized
   */
  SnapshotCodec(Serialization serialization, int mostBytes) {
    this.serialization = serialization;
    this.mostBytes = mostBytes;
  }

  /**
   * The stored form of a state.
   *
   * @throws JournalException when the state cannot be serialized, or is too large
   */
  StoredSnapshot stored(SnapshotMetadata metadata, Object state, long eventHash) {
    Serializer serializer = serialization.findSerializerFor(state);
    byte[] bytes;
    if (serializer instanceof JournalSerializer json) {
      bytes = json.toBinary(state, mostBytes);
    } else {
      bytes = serializer.toBinary(state);
    }
    if (bytes.length > mostBytes) {
      throw new JournalException(
          JournalSerializer.tooLarge(Serializers.manifestFor(serializer, state), mostBytes));
    }
    return new StoredSnapshot(
        metadata.persistenceId(),
        metadata.sequenceNr(),
        metadata.timestamp(),
        eventHash,
        serializer.identifier(),
        Serializers.manifestFor(serializer, state),
        bytes);
  }

  /**
   * The state of a stored snapshot.
   *
   * @throws UnreadableSnapshotException when this version cannot read it
   */
  Object state(StoredSnapshot stored) throws UnreadableSnapshotException {
    try {
      return serialization
          .deserialize(stored.payload(), stored.serializerId(), stored.manifest())
          .get();
    } catch (Exception e) {
      // Try.get throws whatever the serializer did, declared or not.
      throw new UnreadableSnapshotException("its state cannot be read (" + e.getMessage() + ")", e);
    }
  }
}
