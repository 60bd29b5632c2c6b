package io.holdfast.master;

import io.holdfast.master.catalog.CatalogEvent;
import io.holdfast.master.catalog.CatalogState;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import java.util.ArrayList;
import java.util.List;

/**
 * States that the sampled events lead to. Their golden files hold what events of today come to: a
 * snapshot must be what a replay would come to, so one that says otherwise is of another version.
 */
final class JournalledStates {
  private JournalledStates() {}

  static List<Object> samples() {
    List<Object> states =
        new ArrayList<>(List.of(JobState.EMPTY, LinkState.EMPTY, CatalogState.EMPTY));
    List<Object> history = new ArrayList<>(JournalledEvents.history());
    states.addAll(after(history));
    history.addAll(JournalledEvents.cut());
    states.addAll(after(history));
    return states;
  }

  private static List<Object> after(List<Object> history) {
    JobState job = JobState.EMPTY;
    LinkState link = LinkState.EMPTY;
    CatalogState catalog = CatalogState.EMPTY;
    for (Object event : history) {
      if (event instanceof JobEvent ofJob) {
        job = job.evolve(ofJob);
      } else if (event instanceof LinkEvent ofLink) {
        link = link.evolve(ofLink);
      } else {
        catalog = catalog.evolve((CatalogEvent) event);
      }
    }
    return List.of(job, link, catalog);
  }
}
