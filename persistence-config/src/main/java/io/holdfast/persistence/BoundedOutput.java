package io.holdfast.persistence;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Takes bytes into memory until they are too many. For one thread. */
final class BoundedOutput extends OutputStream {
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream(512);
  private final int most;

  BoundedOutput(int most) {
    this.most = most;
  }

  /** There are more bytes than there may be. */
  static final class Full extends IOException {
    private static final long serialVersionUID = 1L;
  }

  byte[] toByteArray() {
    return taken.toByteArray();
  }

  @Override
  public void write(int b) throws IOException {
    require(1);
    taken.write(b);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    require(length);
    taken.write(bytes, from, length);
  }

  private void require(int more) throws IOException {
    if (more > most - taken.size()) {
      throw new Full();
    }
  }
}
