package io.holdfast.master.run;

import io.holdfast.protocol.id.AgentId;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;

/**
 * That a part of a job's journal is lost, until every link has told what it holds of the job (P1):
 * before, nothing of it begins, and no run is taken, whose number may have been used.
 *
 * @param answered the agents whose links have told
 * @param what what is wrong with the journal, as half a sentence
 * @param at when the journal was repaired
 */
public record JobCut(Set<AgentId> answered, String what, Instant at) {
  public JobCut {
    Set<AgentId> sorted = new TreeSet<>(Comparator.comparing(AgentId::value));
    sorted.addAll(answered);
    answered = Collections.unmodifiableSet(sorted);
  }

  JobCut with(AgentId agent) {
    Set<AgentId> more = new TreeSet<>(Comparator.comparing(AgentId::value));
    more.addAll(answered);
    more.add(agent);
    return new JobCut(more, what, at);
  }
}
