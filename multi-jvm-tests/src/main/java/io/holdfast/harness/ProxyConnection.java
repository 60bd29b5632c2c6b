package io.holdfast.harness;

import io.holdfast.harness.FaultProxy.Direction;
import io.holdfast.harness.RequestReader.Piece;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * One connection through the proxy: two threads, each with one bounded buffer, each moving one
 * direction.
 *
 * <p>Also what ends a connection goes through the gate: while the line is held, neither side learns
 * that the other has closed, as with a pulled cable.
 */
final class ProxyConnection {
  private static final int CONNECT_MS_MAX = 2_000;
  private static final int BUFFER_BYTES = 64 << 10;

  private final FaultProxy proxy;
  private final FaultState faults;
  private final String name;
  private final Socket client;
  private final Socket target = new Socket();
  private final Consumer<ProxyConnection> onClosed;
  private volatile boolean closed;
  private final Set<Direction> holes = ConcurrentHashMap.newKeySet();
  private volatile boolean deaf;
  private volatile RequestTrigger answerToLose;
  private int ended;

  ProxyConnection(
      FaultProxy proxy,
      FaultState faults,
      String name,
      Socket client,
      Consumer<ProxyConnection> onClosed) {
    this.proxy = proxy;
    this.faults = faults;
    this.name = name;
    this.client = client;
    this.onClosed = onClosed;
  }

  void start() {
    proxy.startThread(name + "-up", this::connectAndPumpUp);
  }

  /** Whether bytes were swallowed, so that it must never go on as if nothing had happened. */
  boolean isLossy() {
    return deaf || !holes.isEmpty();
  }

  /** From now on nothing gets through, but nobody is told. */
  void deafen() {
    deaf = true;
  }

  /** Ends it with RST on both sides. */
  void reset() {
    closed = true;
    abort(client);
    abort(target);
    faults.wake();
    onClosed.accept(this);
  }

  private void connectAndPumpUp() {
    if (faults.await(Direction.TO_TARGET, () -> closed) == FaultState.Verdict.CLOSED) {
      return;
    }
    try {
      client.setTcpNoDelay(true);
      target.setTcpNoDelay(true);
      target.connect(new InetSocketAddress(Ports.loopback(), proxy.targetPort()), CONNECT_MS_MAX);
    } catch (IOException e) {
      reset();
      return;
    }
    proxy.startThread(name + "-down", () -> guarded(Direction.TO_CLIENT, this::pumpDown));
    guarded(Direction.TO_TARGET, this::pumpUp);
  }

  private interface Pump {
    void run() throws IOException;
  }

  /**
   * Runs a pump to the end of its stream, then passes the end on: FIN as FIN, anything else as RST.
   */
  private void guarded(Direction direction, Pump pump) {
    boolean clean;
    try {
      pump.run();
      clean = true;
    } catch (IOException e) {
      clean = false;
    } catch (RuntimeException | Error e) {
      reset();
      throw e;
    }
    FaultState.Verdict verdict = faults.enter(direction, () -> closed, () -> holes.add(direction));
    if (verdict == FaultState.Verdict.PASS) {
      faults.leave();
    }
    if (closed) {
      return;
    }
    boolean told = verdict == FaultState.Verdict.PASS && !deaf && !holes.contains(direction);
    if (told && !clean) {
      reset();
      return;
    }
    try {
      if (told) {
        (direction == Direction.TO_TARGET ? target : client).shutdownOutput();
      }
      endOne();
    } catch (IOException e) {
      reset();
    }
  }

  /**
   * Closes it after both ends, not with RST: that would take back bytes that a peer has not read
   * yet.
   */
  private synchronized void endOne() {
    ended++;
    if (ended == 2) {
      closed = true;
      closeQuietly(client);
      closeQuietly(target);
      onClosed.accept(this);
    }
  }

  private void pumpUp() throws IOException {
    RequestReader requests = new RequestReader(client.getInputStream(), proxy::isInspecting);
    OutputStream out = target.getOutputStream();
    long arrived = System.nanoTime();
    while (!closed) {
      boolean followsAtOnce = requests.isWaiting();
      Piece piece = requests.next();
      if (piece == null) {
        return;
      }
      arrived = followsAtOnce ? arrived : System.nanoTime();
      faults.awaitDue(arrived, () -> closed);
      boolean visible =
          piece.request()
              && !deaf
              && faults.await(Direction.TO_TARGET, () -> closed) == FaultState.Verdict.PASS;
      RequestTrigger trigger = visible ? proxy.claim(piece.bytes()) : null;
      if (visible) {
        answerToLose = null;
      }
      if (trigger == null) {
        pass(Direction.TO_TARGET, piece.bytes(), out);
      } else {
        act(trigger, piece.bytes(), out);
      }
    }
  }

  private void act(RequestTrigger trigger, byte[] request, OutputStream out) throws IOException {
    switch (trigger.action()) {
      case PASS -> {
        pass(Direction.TO_TARGET, request, out);
        trigger.fire();
      }
      case LOSE_REQUEST -> {
        reset();
        trigger.fire();
      }
      case SWALLOW_REQUEST -> {
        deafen();
        trigger.fire();
      }
      case LOSE_ANSWER, SWALLOW_ANSWER -> {
        answerToLose = trigger;
        pass(Direction.TO_TARGET, request, out);
      }
      case HOLD -> {
        trigger.fire();
        trigger.awaitRelease(() -> closed);
        pass(Direction.TO_TARGET, request, out);
      }
    }
  }

  private void pumpDown() throws IOException {
    InputStream in = target.getInputStream();
    OutputStream out = client.getOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    long arrived = System.nanoTime();
    while (!closed) {
      boolean followsAtOnce = in.available() > 0;
      int count = in.read(buffer);
      if (count < 0) {
        return;
      }
      byte[] bytes = Arrays.copyOf(buffer, count);
      RequestTrigger losing = answerToLose;
      if (losing != null && losing.claimAnswer(bytes)) {
        lose(losing);
        continue;
      }
      arrived = followsAtOnce ? arrived : System.nanoTime();
      faults.awaitDue(arrived, () -> closed);
      pass(Direction.TO_CLIENT, bytes, out);
    }
  }

  private void lose(RequestTrigger answered) {
    answerToLose = null;
    if (answered.action() == RequestTrigger.Action.SWALLOW_ANSWER) {
      deafen();
    } else {
      reset();
    }
    answered.fire();
  }

  private void pass(Direction direction, byte[] bytes, OutputStream out) throws IOException {
    if (faults.enter(direction, () -> closed, () -> holes.add(direction))
        != FaultState.Verdict.PASS) {
      return;
    }
    try {
      if (!deaf && !holes.contains(direction)) {
        out.write(bytes);
        proxy.count(direction, bytes.length);
      }
    } finally {
      faults.leave();
    }
  }

  private static void abort(Socket socket) {
    try {
      if (!socket.isClosed()) {
        socket.setSoLinger(true, 0);
      }
    } catch (IOException e) {
      // Not connected any more: nothing to reset.
    } finally {
      closeQuietly(socket);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Gone either way.
    }
  }
}
