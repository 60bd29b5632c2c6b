package io.holdfast.sim;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a master must not forget: its database, which outlives its nodes, and the output. */
final class Store {
  /** How much of an output is here, and whose it is. */
  static final class Output {
    final long of;
    long bytes;

    Output(long of) {
      this.of = of;
    }
  }

  final JournalId journalId;
  final List<Journal<JobState, JobEvent>> jobs = new ArrayList<>();
  final List<Journal<LinkState, LinkEvent>> links = new ArrayList<>();
  final Map<ExecutionId, Output> outputs = new HashMap<>();

  /** The node that has taken the authority; a predecessor finds out when it looks (R13). */
  int owner;

  Store(JournalId journalId, int jobCount, int agents) {
    this.journalId = journalId;
    for (int i = 0; i < jobCount; i++) {
      jobs.add(new Journal<>(JobState.EMPTY, JobState::evolve));
    }
    for (int i = 0; i < agents; i++) {
      links.add(new Journal<>(LinkState.EMPTY, LinkState::evolve));
    }
  }

  Journal<JobState, JobEvent> job(ExecutionId id) {
    return jobs.get(Ledger.jobOf(id));
  }

  void lose() {
    jobs.forEach(Journal::lose);
    links.forEach(Journal::lose);
  }
}
