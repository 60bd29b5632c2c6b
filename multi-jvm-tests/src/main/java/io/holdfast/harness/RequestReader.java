package io.holdfast.harness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Cuts what a client sends into pieces: whole HTTP requests while somebody wants to see them, else
 * whatever arrives.
 *
 * <p>Wanting may begin in the middle of a connection, even of a request. The rest of that one
 * passes as it comes; the next piece that begins with a request line is a request.
 */
final class RequestReader {
  private static final int BUFFER_BYTES = 64 << 10;

  private final InputStream in;
  private final BooleanSupplier wanted;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private byte[] rest = new byte[0];

  RequestReader(InputStream in, BooleanSupplier wanted) {
    this.in = in;
    this.wanted = wanted;
  }

  /** Bytes to pass on together; {@code request}: they are exactly one whole request. */
  record Piece(byte[] bytes, boolean request) {}

  /** Whether the next piece is, at least in part, here already. */
  boolean isWaiting() throws IOException {
    return rest.length > 0 || in.available() > 0;
  }

  /** The next piece, or null at the end. */
  Piece next() throws IOException {
    byte[] data = rest.length > 0 ? rest : more(new byte[0]);
    rest = new byte[0];
    while (data != null && wanted.getAsBoolean() && data.length < HttpFraming.MESSAGE_BYTES_MAX) {
      HttpFraming.Start start = HttpFraming.start(data);
      if (start == HttpFraming.Start.OTHER) {
        break;
      }
      int end = start == HttpFraming.Start.REQUEST ? HttpFraming.end(data) : -1;
      if (end >= 0) {
        rest = Arrays.copyOfRange(data, end, data.length);
        return new Piece(Arrays.copyOf(data, end), true);
      }
      byte[] longer = more(data);
      if (longer == null) {
        break;
      }
      data = longer;
    }
    return data == null ? null : new Piece(data, false);
  }

  private byte[] more(byte[] before) throws IOException {
    int count = in.read(buffer);
    if (count < 0) {
      return null;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream(before.length + count);
    all.writeBytes(before);
    all.write(buffer, 0, count);
    return all.toByteArray();
  }
}
