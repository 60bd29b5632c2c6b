package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * That a part of a link's journal is lost, and what must not be guessed because of it.
 *
 * @param directory the agent's data directory as of the newest coupling before the lost part. An
 *     agent that has it still has had no other in between; of another one nobody knows whether
 *     there was a third
 * @param unsure executions of before that may be alive, and of which no job has said since that it
 *     waits for them
 * @param what what is wrong with the journal, as half a sentence
 * @param at when the journal was repaired
 */
public record LinkCut(
    Optional<JournalId> directory, Set<ExecutionId> unsure, String what, Instant at) {
  public LinkCut {
    unsure = Collections.unmodifiableSet(new TreeSet<>(unsure));
  }

  /** Whether an agent with this directory can tell of all that this link ever sent. */
  public boolean isToldBy(Optional<JournalId> agentJournal) {
    return directory.isPresent() && directory.equals(agentJournal);
  }

  /** A job has said that it waits for it. */
  LinkCut without(ExecutionId confirmed) {
    Set<ExecutionId> fewer = new TreeSet<>(unsure);
    fewer.remove(confirmed);
    return new LinkCut(directory, fewer, what, at);
  }

  /** Only these may be alive by now. */
  LinkCut among(Collection<ExecutionId> alive) {
    Set<ExecutionId> fewer = new TreeSet<>(unsure);
    fewer.retainAll(alive);
    return fewer.size() == unsure.size() ? this : new LinkCut(directory, fewer, what, at);
  }

  /** An operator vouches that nothing lives of what former directories held. */
  LinkCut vouched(Optional<JournalId> agentJournal) {
    return new LinkCut(agentJournal.or(() -> directory), unsure, what, at);
  }
}
