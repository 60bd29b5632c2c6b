package io.holdfast.harness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Sends back what it gets, and remembers it. */
final class EchoServer implements AutoCloseable {
  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();

  EchoServer() throws IOException {
    server = new ServerSocket(0, 50, Ports.loopback());
    startThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return connections.size();
  }

  String received() {
    synchronized (received) {
      return received.toString(StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        connections.add(connection);
        startThread(() -> echo(connection));
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void echo(Socket connection) {
    byte[] buffer = new byte[64 << 10];
    try (connection) {
      int count;
      while ((count = connection.getInputStream().read(buffer)) >= 0) {
        synchronized (received) {
          received.write(buffer, 0, count);
        }
        connection.getOutputStream().write(buffer, 0, count);
      }
    } catch (IOException e) {
      // The connection is gone, as the tests want it.
    } finally {
      connections.remove(connection);
    }
  }

  private static void startThread(Runnable body) {
    Thread thread = new Thread(body, "echo-server");
    thread.setDaemon(true);
    thread.start();
  }
}
