package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What it means for a link that a part of its journal is lost: it is like a master whose backup was
 * restored, for this agent alone, while its jobs know what they wait for. Pure; part of {@link
 * LinkState#evolve}.
 */
final class LinkDamage {
  /** What changes about the state. */
  record Change(Map<ExecutionId, LinkExecution> executions, LinkCut cut) {
    Change {
      executions = Collections.unmodifiableMap(executions);
    }
  }

  private LinkDamage() {}

  /**
   * What was queued may have been sent since, what was sent may be over; and whoever was given up
   * in the lost part is not known as such.
   */
  static Change damaged(LinkState state, LinkEvent.JournalDamaged event) {
    Map<ExecutionId, LinkExecution> next = new LinkedHashMap<>();
    Set<ExecutionId> unsure = new TreeSet<>();
    state
        .executions()
        .forEach(
            (id, e) -> {
              boolean isOpen =
                  e.phase() == ExecutionPhase.QUEUED || e.phase() == ExecutionPhase.SENT;
              LinkExecution now = isOpen ? e.unsure(state.agentJournal()) : e;
              next.put(id, now);
              if (now.phase().mayBeAlive()) {
                unsure.add(id);
              }
            });
    return new Change(next, new LinkCut(state.agentJournal(), unsure, event.what(), event.at()));
  }

  /**
   * A job waits for this execution. What the agent holds under its id and the same token is that;
   * of what it does not hold, it tells whether it had it, unless its data directory is another.
   */
  static Change assignedAgain(LinkState state, LinkEvent.AssignedAgain event) {
    Map<ExecutionId, LinkExecution> next = new LinkedHashMap<>(state.executions());
    ExecutionId id = event.spec().execution();
    next.compute(id, (same, known) -> again(state, Optional.ofNullable(known), event));
    return new Change(next, state.cut().orElseThrow().without(id));
  }

  private static LinkExecution again(
      LinkState state, Optional<LinkExecution> known, LinkEvent.AssignedAgain event) {
    if (known.isEmpty()) {
      return LinkExecution.unsure(
          event.spec(), event.releaseByTime(), state.cut().flatMap(LinkCut::directory));
    }
    LinkExecution found = known.get();
    if (found.spec().isPresent()) {
      return found;
    }
    // Of what the agent has lost the token, it has lost who ordered it: that it is another's and
    // nothing of ours ran, nobody knows.
    return found.isOurs() || found.isNobodys()
        ? found.recognised(event.spec(), event.releaseByTime())
        : found.claimed(event.spec());
  }
}
