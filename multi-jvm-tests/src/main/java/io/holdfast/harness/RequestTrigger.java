package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A fault that waits for a certain HTTP request on its way through a {@link FaultProxy}, so that a
 * test can hit exactly the exchange that matters instead of hoping to be in time.
 *
 * <p>Made by {@link FaultProxy#onRequest}. It acts on as many requests as it was told, then lets
 * all pass. It keeps the last request that it acted on: {@link #replay} sends it once more, as a
 * network may that delivers twice or late.
 */
public final class RequestTrigger implements AutoCloseable {

  /** What happens to the request. */
  public enum Action {
    /**
     * It is delivered as always; the trigger only tells, and keeps a copy. Fires when it is
     * delivered.
     */
    PASS,
    /**
     * It never arrives, and its connection is reset: the caller knows at once that it does not
     * know.
     */
    LOSE_REQUEST,
    /**
     * It never arrives, and the connection stays open and dead: the caller waits for its own
     * deadline.
     */
    SWALLOW_REQUEST,
    /**
     * It is delivered; when the first bytes of the answer come they are swallowed and the
     * connection is reset.
     */
    LOSE_ANSWER,
    /**
     * It is delivered; the answer is swallowed, and the connection stays open and dead: the caller
     * waits for its own deadline.
     */
    SWALLOW_ANSWER,
    /** It is kept until {@link #release}, then delivered late. Fires when it is caught. */
    HOLD
  }

  private static final long CLOSED_CHECK_MS = 20;

  private final Predicate<String> condition;
  private final Action action;
  private final int targetPort;
  private int remaining;
  private int firings;
  private boolean released;
  private byte[] request;
  private Optional<Predicate<String>> answer = Optional.empty();
  private Runnable hook = () -> {};

  RequestTrigger(Predicate<String> condition, Action action, int times, int targetPort) {
    this.condition = condition;
    this.action = action;
    this.remaining = times;
    this.targetPort = targetPort;
  }

  /**
   * Runs {@code hook} each time it fires, on the connection's thread, after the action: a chance to
   * kill a process or to cut all connections at that very moment.
   */
  public synchronized RequestTrigger then(Runnable hook) {
    this.hook = hook;
    return this;
  }

  /**
   * For actions on answers: acts only where the answer, as much of it as comes at once, meets this
   * too. Other answers go through, and do not count.
   */
  public synchronized RequestTrigger whoseAnswer(Predicate<String> wanted) {
    answer = Optional.of(wanted);
    return this;
  }

  /** Waits for the first firing and returns the request: head, empty line, body. */
  public synchronized String awaitFired(Duration timeout) {
    await(() -> firings > 0, timeout);
    return request();
  }

  /**
   * Waits until a request has met it. A request that was on its way when it was made may have
   * passed unseen; the next one of who waits for its answer does not.
   */
  public synchronized void awaitMet(Duration timeout) {
    await(() -> request != null, timeout);
  }

  private void await(BooleanSupplier condition, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new AssertionError(
            "the trigger has not fired within "
                + timeout
                + ": "
                + (request == null ? "no such request" : "no such answer to it"));
      }
      Await.on(this, millis);
    }
  }

  public synchronized int firings() {
    return firings;
  }

  /** The last request that it acted on. */
  public synchronized String request() {
    return new String(requestBytes(), StandardCharsets.UTF_8);
  }

  /**
   * Lets what is held go on, and what is still to come. Lost all the same if its connection was
   * reset meanwhile.
   */
  public synchronized void release() {
    released = true;
    notifyAll();
  }

  /**
   * Sends the last request again, past all faults, on a connection of its own, and returns the
   * answer.
   *
   * @throws UncheckedIOException when the target does not take it
   */
  public String replay(Duration timeout) {
    byte[] bytes = requestBytes();
    int millis = Math.toIntExact(timeout.toMillis());
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(Ports.loopback(), targetPort), millis);
      socket.setSoTimeout(millis);
      socket.getOutputStream().write(bytes);
      return new String(HttpFraming.readMessage(socket.getInputStream()), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the replayed request was not answered", e);
    }
  }

  /** Disarms it. What is held goes on. */
  @Override
  public synchronized void close() {
    remaining = 0;
    release();
  }

  Action action() {
    return action;
  }

  synchronized boolean isArmed() {
    return remaining > 0;
  }

  /** Takes the request for this trigger if it is meant and there are firings left. */
  synchronized boolean claim(byte[] bytes) {
    if (remaining == 0 || !condition.test(new String(bytes, StandardCharsets.UTF_8))) {
      return false;
    }
    if (answer.isEmpty()) {
      remaining--;
    }
    request = bytes.clone();
    notifyAll();
    return true;
  }

  /** Whether this piece of the answer to a request that was claimed is meant. */
  synchronized boolean claimAnswer(byte[] bytes) {
    if (answer.isEmpty()) {
      return true;
    }
    if (remaining == 0 || !answer.get().test(new String(bytes, StandardCharsets.UTF_8))) {
      return false;
    }
    remaining--;
    return true;
  }

  void fire() {
    Runnable now;
    synchronized (this) {
      firings++;
      now = hook;
      notifyAll();
    }
    now.run();
  }

  /** Waits for {@link #release}, or until the connection is closed. */
  synchronized void awaitRelease(BooleanSupplier closed) {
    while (!released && !closed.getAsBoolean()) {
      Await.on(this, CLOSED_CHECK_MS);
    }
  }

  private synchronized byte[] requestBytes() {
    if (request == null) {
      throw new IllegalStateException("no request has met the trigger yet");
    }
    return request;
  }
}
