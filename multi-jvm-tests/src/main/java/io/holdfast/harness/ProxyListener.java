package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The listening side of the proxy, which can stop listening without giving up its port. Used under
 * the proxy's lock.
 */
final class ProxyListener {
  private static final int BACKLOG = 128;
  private static final int FILL_CONNECT_MS = 100;
  private static final int FILL_MAX = 8;
  private static final long OUT_MS_MAX = 5_000;

  private final Ports.Reservation reservation = Ports.reserve();
  private final Consumer<Runnable> start;
  private final BiConsumer<ServerSocket, Socket> admit;
  private final List<Socket> fillers = new ArrayList<>();
  private ServerSocket server;
  private Acceptor acceptor;

  /**
   * Makes it, not yet listening.
   *
   * @param start runs the accepting loop on a thread of its own
   * @param admit gets each connection with the socket that accepted it, which may have been closed
   *     since
   */
  ProxyListener(Consumer<Runnable> start, BiConsumer<ServerSocket, Socket> admit) {
    this.start = start;
    this.admit = admit;
  }

  int port() {
    return reservation.port();
  }

  boolean isCurrent(ServerSocket candidate) {
    return server == candidate;
  }

  /** Accepts, if it does not already. */
  void open() {
    if (server != null && fillers.isEmpty()) {
      return;
    }
    refuse();
    ServerSocket opened = bind(BACKLOG);
    server = opened;
    acceptor = new Acceptor(opened);
    start.accept(acceptor);
  }

  /** Connections are refused, those that wait for their acceptance reset. */
  void refuse() {
    try {
      if (server != null) {
        server.close();
      }
      if (acceptor != null) {
        acceptor.awaitOut();
      }
      for (Socket filler : fillers) {
        filler.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server = null;
    acceptor = null;
    fillers.clear();
  }

  /**
   * Attempts to connect get no answer at all. Linux drops a SYN when the queue of the listening
   * socket is full, so we listen with a short queue, fill it ourselves and never accept.
   */
  void ignore() {
    refuse();
    server = bind(1);
    for (int i = 0; i < FILL_MAX; i++) {
      Socket filler = new Socket();
      fillers.add(filler);
      try {
        filler.connect(new InetSocketAddress(Ports.loopback(), port()), FILL_CONNECT_MS);
      } catch (IOException e) {
        return; // It is full.
      }
    }
    throw new IllegalStateException(
        "the kernel still answers on port " + port() + ": cannot play dead");
  }

  /** Gives the port up. The accepting thread ends by itself. */
  void close() {
    refuse();
    reservation.close();
  }

  private ServerSocket bind(int backlog) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(Ports.loopback(), port()), backlog);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port(), e);
    }
  }

  /**
   * The accepting loop of one socket. A thread in {@code accept} keeps the socket listening in the
   * kernel although it is closed, until the thread is out: only then is a cut a cut, and the port
   * free for the next socket.
   */
  private final class Acceptor implements Runnable {
    private final ServerSocket socket;
    private boolean accepting;

    Acceptor(ServerSocket socket) {
      this.socket = socket;
    }

    @Override
    public void run() {
      while (!socket.isClosed()) {
        try {
          admit.accept(socket, acceptOne());
        } catch (IOException e) {
          if (!socket.isClosed()) {
            throw new UncheckedIOException("cannot accept on port " + port(), e);
          }
        }
      }
    }

    private Socket acceptOne() throws IOException {
      mark(true);
      try {
        return socket.accept();
      } finally {
        mark(false);
      }
    }

    private synchronized void mark(boolean now) {
      accepting = now;
      notifyAll();
    }

    /**
     * Waits until the thread is out of the closed socket. Not for its end: it may be waiting for
     * the proxy's lock.
     */
    synchronized void awaitOut() {
      long deadline = System.nanoTime() + OUT_MS_MAX * 1_000_000;
      while (accepting) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "port " + port() + " still listens after its socket was closed");
        }
        Await.on(this, OUT_MS_MAX);
      }
    }
  }
}
