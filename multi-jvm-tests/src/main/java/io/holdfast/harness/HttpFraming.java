package io.holdfast.harness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an HTTP/1.1 message ends: just enough of it to hold back one request or to read one answer.
 */
final class HttpFraming {
  /** Longer messages are not inspected. The APIs refuse bodies above 1 MiB. */
  static final int MESSAGE_BYTES_MAX = 2 << 20;

  private static final Pattern REQUEST_LINE =
      Pattern.compile("(GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) [^\r\n]+ HTTP/1\\.[01]\r\n");
  private static final Pattern CONTENT_LENGTH =
      Pattern.compile("(?i)\r\ncontent-length: *(\\d{1,9}) *\r\n");
  private static final Pattern CHUNKED =
      Pattern.compile("(?i)\r\ntransfer-encoding: *chunked *\r\n");

  private HttpFraming() {}

  /** How the first bytes look. */
  enum Start {
    REQUEST,
    UNDECIDED,
    OTHER
  }

  static Start start(byte[] data) {
    Matcher line = REQUEST_LINE.matcher(latin(data));
    if (line.lookingAt()) {
      return Start.REQUEST;
    }
    return line.hitEnd() ? Start.UNDECIDED : Start.OTHER;
  }

  /** The number of bytes of the first message in {@code data}, or -1 when more bytes are needed. */
  static int end(byte[] data) throws IOException {
    String text = latin(data);
    int headEnd = text.indexOf("\r\n\r\n");
    if (headEnd < 0) {
      return -1;
    }
    int body = headEnd + 4;
    String head = text.substring(0, body);
    if (CHUNKED.matcher(head).find()) {
      return chunkedEnd(text, body);
    }
    Matcher length = CONTENT_LENGTH.matcher(head);
    int end = body + (length.find() ? Integer.parseInt(length.group(1)) : 0);
    return end <= data.length ? end : -1;
  }

  private static int chunkedEnd(String text, int body) throws IOException {
    int at = body;
    while (true) {
      int lineEnd = text.indexOf("\r\n", at);
      if (lineEnd < 0) {
        return -1;
      }
      int size = chunkSize(text.substring(at, lineEnd));
      at = lineEnd + 2 + size;
      if (size == 0) {
        int trailerEnd = text.startsWith("\r\n", at) ? at + 2 : text.indexOf("\r\n\r\n", at) + 4;
        return trailerEnd >= at + 2 && trailerEnd <= text.length() ? trailerEnd : -1;
      }
      at += 2;
      if (at > text.length()) {
        return -1;
      }
    }
  }

  private static int chunkSize(String line) throws IOException {
    try {
      return Integer.parseInt(line.split(";", 2)[0].trim(), 16);
    } catch (NumberFormatException e) {
      throw new IOException("not a chunk size: " + line, e);
    }
  }

  /** Reads one whole answer; what is there when the peer closes earlier. */
  static byte[] readMessage(InputStream in) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    while (data.size() < MESSAGE_BYTES_MAX) {
      int end = end(data.toByteArray());
      int count = end < 0 ? in.read(buffer) : -1;
      if (count < 0) {
        return data.toByteArray();
      }
      data.write(buffer, 0, count);
    }
    throw new IOException("an answer of more than " + MESSAGE_BYTES_MAX + " bytes");
  }

  private static String latin(byte[] data) {
    return new String(data, StandardCharsets.ISO_8859_1);
  }
}
