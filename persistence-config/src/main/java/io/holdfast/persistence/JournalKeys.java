package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The keys of the store, in LevelDB's order (bytes, unsigned):
 *
 * <pre>
 *   c slot(4)                       a commit's mark
 *   d id                            head of an id without events: what remains after all were deleted
 *   e id 00 sequence-number(8)      an event
 *   i tag 00 position(8)            which event has a tag
 *   l id                            head of an id with events
 *   m name                          about the store itself
 *   p id                            which positions the events of an id have that carry none
 *   s id                            an id whose events an earlier version's repair has set aside
 *   t tag                           where the events of a tag end
 * </pre>
 *
 * <p>Ids and tags are UTF-8 and hold no NUL, so that ids with one prefix lie together, and no id's
 * events lie among another's.
 */
final class JournalKeys {
  static final byte COMMIT = 'c';
  static final byte DEAD = 'd';
  static final byte EVENT = 'e';
  static final byte INDEX = 'i';
  static final byte LIVE = 'l';
  static final byte META = 'm';
  static final byte PLACED = 'p';
  static final byte SET_ASIDE = 's';
  static final byte TAG = 't';

  /** Longest persistence id, in UTF-8 bytes. */
  static final int MAX_ID_BYTES = 1000;

  private JournalKeys() {}

  static byte[] format() {
    return head(META, "format");
  }

  /** The journal's own id, made with it. */
  static byte[] identity() {
    return head(META, "identity");
  }

  /** The newest commit, once LevelDB has had it and the journal is closed. */
  static byte[] handedOver() {
    return head(META, "handed-over");
  }

  /** How far the index of tags goes. */
  static byte[] indexMark() {
    return head(META, "index");
  }

  static byte[] commit(int slot) {
    return ByteBuffer.allocate(5).put(COMMIT).putInt(slot).array();
  }

  /** Where the events of a tag end. */
  static byte[] tag(String tag) {
    return head(TAG, tag);
  }

  /** With {@link #LIVE} or {@link #DEAD}; or the prefix of such keys. */
  static byte[] head(byte kind, String id) {
    byte[] utf8 = utf8(id);
    return ByteBuffer.allocate(1 + utf8.length).put(kind).put(utf8).array();
  }

  static byte[] event(String id, long sequenceNr) {
    return numbered(EVENT, id, sequenceNr);
  }

  /** The prefix of an id's events. */
  static byte[] events(String id) {
    return prefix(event(id, 0));
  }

  static byte[] index(String tag, long position) {
    return numbered(INDEX, tag, position);
  }

  /** The prefix of a tag's index. */
  static byte[] index(String tag) {
    return prefix(index(tag, 0));
  }

  private static byte[] numbered(byte kind, String name, long number) {
    byte[] utf8 = utf8(name);
    return ByteBuffer.allocate(utf8.length + 10)
        .put(kind)
        .put(utf8)
        .put((byte) 0)
        .putLong(number)
        .array();
  }

  private static byte[] prefix(byte[] numbered) {
    return Arrays.copyOf(numbered, numbered.length - Long.BYTES);
  }

  /** The number in the key of an event. */
  static long number(byte[] eventKey) {
    return ByteBuffer.wrap(eventKey).getLong(eventKey.length - Long.BYTES);
  }

  static boolean hasPrefix(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** Whose event it is, and which; or of which tag, and at which position. */
  record Numbered(String name, long number) {}

  /** What the key of an event, or of an entry of the index, says; empty when it is none. */
  static Optional<Numbered> numbered(byte[] key) {
    int end = key.length - Long.BYTES - 1;
    if (end < 1 || key[end] != 0) {
      return Optional.empty();
    }
    String name = new String(key, 1, end - 1, StandardCharsets.UTF_8);
    return Optional.of(new Numbered(name, ByteBuffer.wrap(key).getLong(end + 1)));
  }

  /** The id in the key of a head. */
  static String id(byte[] headKey) {
    return new String(headKey, 1, headKey.length - 1, StandardCharsets.UTF_8);
  }

  static byte[] utf8(String id) {
    return id.getBytes(StandardCharsets.UTF_8);
  }

  /** Throws when the id cannot be a key. */
  static void requireValid(String id) {
    if (!isValid(id)) {
      throw new IllegalArgumentException(
          "A persistence id has 1 to %d bytes of UTF-8 and no NUL character; this one is '%s'."
              .formatted(MAX_ID_BYTES, id.length() > 80 ? id.substring(0, 80) + "…" : id));
    }
  }

  /** Whether an id, or a tag, can be a key. */
  static boolean isValid(String name) {
    byte[] utf8 = utf8(name);
    return utf8.length > 0
        && utf8.length <= MAX_ID_BYTES
        && name.indexOf('\0') < 0
        && new String(utf8, StandardCharsets.UTF_8).equals(name);
  }
}
