package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * Free ports of the loopback.
 *
 * <p>A port that was free when it was looked up may be taken a moment later: by another server, or
 * by the kernel as the source port of any connection. A program that is killed and started again on
 * its former port meets this too, and a client that keeps trying a dead loopback port can even be
 * connected to itself. {@link #reserve} closes the gap: a socket that is bound and never listens
 * keeps the port out of the kernel's hands, connections to it are refused, and whoever binds with
 * {@code SO_REUSEADDR} (each Java server does on Linux) may still listen there.
 */
public final class Ports {
  private static final boolean LINUX = System.getProperty("os.name").startsWith("Linux");

  private Ports() {}

  /** The loopback address that everything in the harness uses. */
  public static InetAddress loopback() {
    try {
      return InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port that is free now. Somebody else may be faster: prefer {@link #reserve}, or port 0. */
  public static int free() {
    try (Reservation reservation = reserve()) {
      return reservation.port();
    }
  }

  /** Takes a free port and keeps it for a server of ours until closed. */
  public static Reservation reserve() {
    return new Reservation();
  }

  /**
   * A port that nobody gets by chance. Where the system is not Linux, only a port that was free.
   */
  public static final class Reservation implements AutoCloseable {
    private final Socket holder = new Socket();
    private final int port;

    private Reservation() {
      try {
        holder.setReuseAddress(true);
        holder.bind(new InetSocketAddress(loopback(), 0));
        port = holder.getLocalPort();
        if (!LINUX) {
          holder.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("no free port on the loopback", e);
      }
    }

    public int port() {
      return port;
    }

    @Override
    public void close() {
      try {
        holder.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
