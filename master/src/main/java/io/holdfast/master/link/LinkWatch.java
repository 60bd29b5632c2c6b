package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.lease.LinkHealth;
import io.holdfast.protocol.lease.MasterHold;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The clockwork of a link: when it was heard, what silence means (R1), and when the lease is
 * provably over (R3). The rules are in {@link LinkHealth} and {@link MasterHold}; here is the
 * clock.
 */
final class LinkWatch {
  /** The lease is over for these executions, or for all of the agent. */
  record Over(Optional<Set<ExecutionId>> only, String why) {}

  private final TimingPolicy timing;
  private final Link.Surroundings world;
  private final Map<ExecutionId, Duration> oldDirectories = new HashMap<>();
  private MasterHold hold;
  private Duration lastHeard;
  private Optional<Instant> lastHeardAt = Optional.empty();
  private Optional<Couple.Response> agentIs = Optional.empty();
  private MasterEpoch epoch = new MasterEpoch(0);
  private LinkStatus.Link link = LinkStatus.Link.CONNECTING;
  private Instant since;
  private String message = "";
  private int shownRetry;

  LinkWatch(TimingPolicy timing, Link.Surroundings world) {
    this.timing = timing;
    this.world = world;
    this.hold = MasterHold.recovered(now(), timing);
    this.lastHeard = now();
    this.since = world.wallClock();
    show();
  }

  private Duration now() {
    return world.now();
  }

  void epoch(MasterEpoch current) {
    epoch = current;
  }

  MasterEpoch epoch() {
    return epoch;
  }

  boolean isSilent() {
    return link.isSilent();
  }

  /** Whether it is in contact, or being compared. */
  boolean isHeard() {
    return link == LinkStatus.Link.CONNECTED || link == LinkStatus.Link.RECONCILING;
  }

  /** Whether the agent has given an anchor in this session. */
  boolean isKnown() {
    return hold.newest().isPresent();
  }

  /** The anchor to hand back: from now on the lease may count from it. */
  Duration echo() {
    hold = hold.echoing();
    return hold.newest().orElseThrow().value();
  }

  /** The agent answered a coupling; the reconciliation is not done. */
  void heardForReconciling(Couple.Response response) {
    heardNow();
    agentIs = Optional.of(response);
    become(LinkStatus.Link.RECONCILING, "");
  }

  /**
   * What ran in a data directory that is gone is released by the old hold alone (R3). What the
   * agent knows again is not waited for any more.
   */
  void waitFor(Set<ExecutionId> executions) {
    oldDirectories.keySet().retainAll(executions);
    Duration until = hold.releasableAt(timing);
    executions.forEach(execution -> oldDirectories.putIfAbsent(execution, until));
  }

  void coupled(Couple.Response response) {
    hold = hold.coupled(response.anchor(), now());
    heardNow();
    become(LinkStatus.Link.CONNECTED, "");
  }

  void heard(Duration anchor) {
    hold = hold.received(anchor, now());
    heardNow();
    if (link.isSilent()) {
      // Nothing was posted for a while, because the right to act was in doubt (R13).
      become(LinkStatus.Link.CONNECTED, "");
    }
  }

  private void heardNow() {
    lastHeard = now();
    lastHeardAt = Optional.of(world.wallClock());
  }

  void failed(String why) {
    message = why;
  }

  /** Why it is not connected, as far as is known. */
  String message() {
    return message;
  }

  void refused(Refusal refusal) {
    message = refusal.message();
    if (refusal.code() == Refusal.Code.OLDER_EPOCH) {
      // Another master of this name keeps the lease alive: nothing there is over by time (R3).
      hold = MasterHold.recovered(now(), timing);
    }
  }

  /** Looks at the clock. */
  void tick() {
    LinkHealth health = LinkHealth.judge(lastHeard, now(), timing);
    if (health instanceof LinkHealth.Silent silent) {
      boolean over = hold.isReleasable(now(), timing);
      boolean isNews = silent.retry() != shownRetry;
      shownRetry = silent.retry();
      if (!link.isSilent()) {
        world.unheard(lastHeardAt);
      }
      if (!link.isSilent() || (over && link != LinkStatus.Link.LOST)) {
        become(over ? LinkStatus.Link.LOST : LinkStatus.Link.DISCONNECTED, message);
      } else if (isNews) {
        show();
      }
    } else {
      shownRetry = 0;
    }
  }

  /** What may be given up by now. Asked for again and again: giving up twice changes nothing. */
  Optional<Over> released() {
    Duration now = now();
    if (link == LinkStatus.Link.LOST && hold.isReleasable(now, timing)) {
      return Optional.of(
          new Over(
              Optional.empty(),
              "not heard for "
                  + words(now.minus(lastHeard))
                  + "; its lease of "
                  + words(timing.lease())
                  + " is provably over"));
    }
    Set<ExecutionId> over = new HashSet<>();
    oldDirectories.forEach(
        (execution, until) -> {
          if (now.compareTo(until) >= 0) {
            over.add(execution);
          }
        });
    return over.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Over(
                Optional.of(over),
                "the agent's data directory is a new one, and the lease of the old is provably"
                    + " over"));
  }

  private static String words(Duration duration) {
    return duration.compareTo(Duration.ofSeconds(10)) < 0
        ? duration.toMillis() + " ms"
        : duration.toSeconds() + " s";
  }

  private void become(LinkStatus.Link next, String why) {
    if (next != link) {
      since = world.wallClock();
    }
    link = next;
    message = why;
    show();
  }

  private void show() {
    int retry = 0;
    Optional<Duration> remaining = Optional.empty();
    if (link.isSilent()) {
      retry = shownRetry;
      remaining = Optional.of(hold.leaseRemaining(now(), timing));
    }
    world.show(
        new LinkStatus(
            link,
            since,
            lastHeardAt,
            retry,
            remaining,
            epoch,
            agentIs.map(Couple.Response::journal),
            agentIs.map(Couple.Response::incarnation),
            agentIs.map(Couple.Response::taskLimit).orElse(0),
            message));
  }
}
