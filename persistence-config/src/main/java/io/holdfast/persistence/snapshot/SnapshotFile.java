package io.holdfast.persistence.snapshot;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A snapshot as a file: eight bytes that name the format, the header of {@link StoredSnapshot}, the
 * payload, and the SHA-256 of header and payload. No state.
 */
final class SnapshotFile {
  private static final byte[] FORMAT = "HFSNAP/1".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGEST_BYTES = 32;

  private SnapshotFile() {}

  /** What is written, one behind the other; the state is not copied, it may be large. */
  static ByteBuffer[] encode(StoredSnapshot snapshot) {
    return new ByteBuffer[] {
      ByteBuffer.wrap(FORMAT),
      ByteBuffer.wrap(snapshot.header()),
      ByteBuffer.wrap(snapshot.payload()),
      ByteBuffer.wrap(snapshot.digest())
    };
  }

  /**
   * What a file holds.
   *
   * @throws UnreadableSnapshotException saying in what it is not what was written
   */
  static StoredSnapshot decode(byte[] bytes) throws UnreadableSnapshotException {
    if (bytes.length < FORMAT.length
        || !Arrays.equals(bytes, 0, FORMAT.length, FORMAT, 0, FORMAT.length)) {
      throw new UnreadableSnapshotException("it does not begin as a snapshot of this format does");
    }
    StoredSnapshot found;
    byte[] digest = new byte[DIGEST_BYTES];
    try (DataInputStream in =
        new DataInputStream(
            new ByteArrayInputStream(bytes, FORMAT.length, bytes.length - FORMAT.length))) {
      found =
          new StoredSnapshot(
              new String(block(in), StandardCharsets.UTF_8),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readInt(),
              new String(block(in), StandardCharsets.UTF_8),
              block(in));
      in.readFully(digest);
      if (in.available() > 0) {
        throw new UnreadableSnapshotException("it goes on behind its end");
      }
    } catch (IOException e) {
      throw new UnreadableSnapshotException("it is cut short", e);
    }
    if (!Arrays.equals(digest, found.digest())) {
      throw new UnreadableSnapshotException("its checksum does not match");
    }
    return found;
  }

  /** A length that was damaged must not become memory. */
  private static byte[] block(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a length of " + length);
    }
    byte[] block = new byte[length];
    in.readFully(block);
    return block;
  }
}
