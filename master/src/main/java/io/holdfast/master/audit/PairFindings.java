package io.holdfast.master.audit;

import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.EventReader;
import io.holdfast.persistence.audit.StoredEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What does not fit together in the journals of one master, with the events that show it. These are
 * read a second time, and only if there are any: what waits for the comparison is small so.
 */
final class PairFindings {
  private final Findings findings;
  private final EventReader reader;
  private final List<PairRules.Disagreement> told = new ArrayList<>();
  private long more;

  PairFindings(Findings findings, EventReader reader) {
    this.findings = findings;
    this.reader = reader;
  }

  /** All journals have been read. */
  void conclude(Pairs pairs, List<Journal> journals) {
    new PairRules(pairs, this::take).check();
    Map<EventRef, Seen> events = read(journals);
    for (PairRules.Disagreement one : told) {
      List<Seen> shown = one.shownBy().stream().map(events::get).filter(Objects::nonNull).toList();
      Origin origin = originOf(journals, one.source());
      findings.violation(new Finding(one.rule(), origin + " " + one.where(), one.what(), shown));
    }
    findings.countViolations(more);
  }

  private void take(PairRules.Disagreement one) {
    if (told.size() < Findings.MOST) {
      told.add(one);
    } else {
      more++;
    }
  }

  private Map<EventRef, Seen> read(List<Journal> journals) {
    Set<EventRef> wanted = new HashSet<>();
    told.forEach(one -> wanted.addAll(one.shownBy()));
    Map<EventRef, Seen> events = new HashMap<>();
    for (Journal journal : journals) {
      int source = journal.origin().number();
      Set<String> ids = new HashSet<>();
      wanted.stream()
          .filter(event -> event.source() == source)
          .forEach(event -> ids.add(event.persistenceId()));
      if (!ids.isEmpty()) {
        journal.source().read(ids::contains, new Reading(journal.origin(), wanted, events));
      }
    }
    return events;
  }

  private static Origin originOf(List<Journal> journals, int source) {
    return journals.stream()
        .map(Journal::origin)
        .filter(origin -> origin.number() == source)
        .findFirst()
        .orElseThrow();
  }

  /** Keeps what is wanted. */
  private final class Reading implements AuditSource.Visitor {
    private final Origin origin;
    private final Set<EventRef> wanted;
    private final Map<EventRef, Seen> events;

    Reading(Origin origin, Set<EventRef> wanted, Map<EventRef, Seen> events) {
      this.origin = origin;
      this.wanted = wanted;
      this.events = events;
    }

    @Override
    public void event(StoredEvent stored) {
      EventRef ref = new EventRef(origin.number(), stored.persistenceId(), stored.sequenceNr());
      if (wanted.contains(ref)) {
        events.put(ref, Seen.of(origin, stored, reader));
      }
    }
  }
}
