package io.holdfast.master;

import io.holdfast.persistence.Proof;
import io.holdfast.protocol.lease.Authority;
import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the master's right to act proven (R13): looks at the data directory, and at the owner of a
 * shared journal, again and again, on a thread of its own, because a disk or a server may hang.
 * Soft state; thread-safe. Who finds a rival ends the process, rather than restart into the rival's
 * events.
 */
final class AuthorityKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorityKeeper.class);

  private final Supplier<Proof> prover;
  private final TimingPolicy policy;
  private final Supplier<Duration> clock;
  private final Consumer<String> onRival;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread proving = new Thread(task, "authority");
            proving.setDaemon(true);
            return proving;
          });
  private volatile Authority authority = Authority.UNPROVEN;
  private volatile String doubt = "";

  /**
   * @param clock never goes back, and goes on while this process or its machine sleeps
   * @param onRival ends the process; told once for each proof that finds a rival
   */
  AuthorityKeeper(
      Supplier<Proof> prover,
      TimingPolicy policy,
      Supplier<Duration> clock,
      Consumer<String> onRival) {
    this.prover = prover;
    this.policy = policy;
    this.clock = clock;
    this.onRival = onRival;
  }

  /** Proves it once, and from now on by itself. */
  AuthorityKeeper start() {
    proveAgainAndAgain();
    return this;
  }

  private void proveAgainAndAgain() {
    prove();
    Duration next = Authority.proveNext(policy, !doubt.isEmpty());
    if (!thread.isShutdown()) {
      var unused = thread.schedule(this::proveAgainAndAgain, next.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Why the last look proved nothing, if so; what was proven before may still hold. */
  Optional<String> doubt() {
    return Optional.of(doubt).filter(why -> !why.isEmpty());
  }

  /** Whether a coupling or an exchange may be posted now. */
  boolean mayAct() {
    return authority.isFresh(clock.get(), policy);
  }

  void prove() {
    Duration startedAt = clock.get();
    Proof proof = look();
    if (proof instanceof Proof.Ours) {
      authority = authority.proven(startedAt);
      note("");
    } else if (proof instanceof Proof.Rival rival) {
      onRival.accept(rival.why());
    } else {
      note(((Proof.Unknown) proof).why());
    }
  }

  private Proof look() {
    try {
      return prover.get();
    } catch (RuntimeException e) {
      // Thrown on, it would end the proving for ever, and silently.
      return new Proof.Unknown("the right to act cannot be proven: " + e);
    }
  }

  private void note(String why) {
    if (!why.isEmpty() && doubt.isEmpty()) {
      LOG.error("{}; nothing is sent to agents until it can", why);
    } else if (why.isEmpty() && !doubt.isEmpty()) {
      LOG.info("the right to act is proven again");
    }
    doubt = why;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
