package io.holdfast.harness;

import io.holdfast.harness.RequestTrigger.Action;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;

/**
 * A TCP proxy from a loopback port to another, which can do to the connections what networks do. It
 * listens on the same port for life, through each cut and heal.
 *
 * <p>Faults last until {@link #heal}, and add up: a delay holds also for what a drop lets through.
 * When a method returns, its fault is in force: no byte that a peer sends afterwards gets past it.
 *
 * <p>Threads: one that accepts, two per connection; all named after the proxy, all ended by {@link
 * #close}. Methods may be called from any thread, also from the hook of a {@link RequestTrigger}.
 */
public final class FaultProxy implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 512;
  private static final int THREAD_END_MS_MAX = 3_000;

  private final String name;
  private final int targetPort;
  private final FaultState faults = new FaultState();
  private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
  private final List<RequestTrigger> triggers = new CopyOnWriteArrayList<>();
  private final AtomicLongArray bytes = new AtomicLongArray(Direction.values().length);
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final ProxyListener listener;
  private boolean resetsNew;
  private int accepted;

  /** A direction of one connection. */
  public enum Direction {
    /** From who connected, the HTTP client: requests. */
    TO_TARGET,
    /** Back to it: answers. */
    TO_CLIENT
  }

  /** How a cut looks to who connects. */
  public enum Cut {
    /** Connections are reset, attempts refused: the process behind the port is gone. */
    REFUSE,
    /**
     * Connections are reset, attempts accepted and reset at once: a load balancer without a
     * backend.
     */
    ACCEPT_AND_RESET,
    /**
     * Connections stay and move nothing, attempts get no answer and time out: the cable is pulled.
     * After {@link #heal} what was under way arrives late, as TCP sends it again. Linux only; takes
     * 0.1 s.
     */
    SILENT
  }

  /**
   * What becomes of connections that lost bytes, once the line is healed. Those that lost none just
   * go on.
   */
  public enum Lossy {
    /** Reset, so that both peers notice. */
    RESET,
    /** Stay open and dead: only time can tell the peers. */
    STAY_HALF_OPEN
  }

  private FaultProxy(String name, int targetPort) {
    this.name = "fault-proxy-" + name;
    this.targetPort = targetPort;
    this.listener =
        new ProxyListener(loop -> startThread(this.name + "-accept", loop), this::admit);
  }

  /** Starts a proxy to a loopback port, where nobody needs to listen yet. */
  public static FaultProxy to(String name, int targetPort) {
    FaultProxy proxy = new FaultProxy(name, targetPort);
    synchronized (proxy) {
      proxy.listener.open();
    }
    return proxy;
  }

  public int port() {
    return listener.port();
  }

  public int targetPort() {
    return targetPort;
  }

  /** Where clients connect. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** {@link Cut#REFUSE}. */
  public void cut() {
    cut(Cut.REFUSE);
  }

  /** Ends what is connected and lets nobody in. */
  public synchronized void cut(Cut how) {
    resetsNew = how == Cut.ACCEPT_AND_RESET;
    switch (how) {
      case REFUSE -> listener.refuse();
      case ACCEPT_AND_RESET -> {}
      case SILENT -> {
        faults.hold();
        listener.ignore();
      }
    }
    if (how != Cut.SILENT) {
      reset();
    }
  }

  /**
   * Connections stay open, new ones are accepted, and no byte moves in either direction; nor does
   * an end.
   */
  public synchronized void blackhole() {
    faults.hold();
  }

  /** The bytes of one direction are swallowed, the other goes on. */
  public synchronized void drop(Direction direction) {
    faults.drop(direction);
  }

  /** Each byte comes this much later, in both directions. What arrives together is delayed once. */
  public synchronized void delay(Duration latency) {
    faults.delay(latency);
  }

  /** Ends all connections with RST. New ones are as welcome as before. */
  public synchronized void reset() {
    connections.forEach(ProxyConnection::reset);
  }

  /** {@link Lossy#RESET}. */
  public void heal() {
    heal(Lossy.RESET);
  }

  /** Ends all faults. What was only held or late arrives now. Triggers stay armed. */
  public synchronized void heal(Lossy lossy) {
    faults.clear();
    for (ProxyConnection connection : connections) {
      if (connection.isLossy() && lossy == Lossy.RESET) {
        connection.reset();
      } else if (connection.isLossy()) {
        connection.deafen();
      }
    }
    resetsNew = false;
    listener.open();
  }

  /** Acts once, on the first HTTP request whose head or body (as UTF-8) meets the condition. */
  public RequestTrigger onRequest(Predicate<String> headOrBody, Action action) {
    return onRequest(headOrBody, action, 1);
  }

  /**
   * Acts on the first {@code times} such requests. Of several triggers the oldest that is met acts.
   */
  public RequestTrigger onRequest(Predicate<String> headOrBody, Action action, int times) {
    RequestTrigger trigger = new RequestTrigger(headOrBody, action, times, targetPort);
    triggers.add(trigger);
    return trigger;
  }

  /** The number of connections open now. */
  public int connections() {
    return connections.size();
  }

  /** The bytes that got through in one direction, ever. */
  public long bytes(Direction direction) {
    return bytes.get(direction.ordinal());
  }

  /** Resets all connections, gives the port up and waits for the threads to end. */
  @Override
  public void close() {
    synchronized (this) {
      listener.close();
      reset();
      triggers.forEach(RequestTrigger::close);
    }
    awaitThreads();
    awaitThreads(); // The first of a connection's threads may just have started the second.
  }

  private void awaitThreads() {
    try {
      for (Thread thread : threads) {
        if (thread != Thread.currentThread()) {
          thread.join(THREAD_END_MS_MAX);
        }
      }
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }

  boolean isInspecting() {
    return triggers.stream().anyMatch(RequestTrigger::isArmed);
  }

  /** The trigger that acts on this request, or null. */
  RequestTrigger claim(byte[] request) {
    return triggers.stream().filter(trigger -> trigger.claim(request)).findFirst().orElse(null);
  }

  void count(Direction direction, int count) {
    bytes.addAndGet(direction.ordinal(), count);
  }

  /**
   * A thread that {@link #close} waits for. It does not take itself off the list: it would not be
   * gone yet.
   */
  void startThread(String threadName, Runnable body) {
    threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
    Thread thread = new Thread(body, threadName);
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
  }

  private synchronized void admit(ServerSocket server, Socket client) {
    accepted++;
    ProxyConnection connection =
        new ProxyConnection(this, faults, name + "-" + accepted, client, connections::remove);
    if (resetsNew || !listener.isCurrent(server) || connections.size() >= CONNECTIONS_MAX) {
      connection.reset();
      return;
    }
    connections.add(connection);
    connection.start();
  }
}
