package io.holdfast.testing.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.fusesource.leveldbjni.JniDBFactory;
import org.iq80.leveldb.CompressionType;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteOptions;

/**
 * Events of a journal in a data directory that nobody uses, changed through LevelDB itself: no
 * checksum of its files tells.
 */
public final class AlteredEvents implements AutoCloseable {
  private static final WriteOptions SYNC = new WriteOptions().sync(true);

  private final DB db;

  /** Opens the journal in a data directory. */
  public AlteredEvents(Path data) {
    Options options = new Options().verifyChecksums(true).compressionType(CompressionType.NONE);
    try {
      db = JniDBFactory.factory.open(data.resolve("journal").toFile(), options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** It is not there any more. */
  public void delete(String id, long number) {
    event(id, number);
    db.delete(key(id, number), SYNC);
  }

  /** Its last byte is another. */
  public void alter(String id, long number) {
    byte[] event = event(id, number);
    event[event.length - 1] ^= 1;
    db.put(key(id, number), event, SYNC);
  }

  /** Each stands where the other stood. */
  public void swap(String id, long one, long other) {
    byte[] first = event(id, one);
    db.put(key(id, one), event(id, other), SYNC);
    db.put(key(id, other), first, SYNC);
  }

  private byte[] event(String id, long number) {
    byte[] event = db.get(key(id, number));
    if (event == null) {
      throw new AssertionError("there is no event %d of '%s'".formatted(number, id));
    }
    return event;
  }

  private static byte[] key(String id, long number) {
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(name.length + 10)
        .put((byte) 'e')
        .put(name)
        .put((byte) 0)
        .putLong(number)
        .array();
  }

  @Override
  public void close() {
    try {
      db.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
