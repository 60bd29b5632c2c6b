package io.holdfast.scenario;

import io.holdfast.persistence.JournalEvents;
import io.holdfast.persistence.LevelDbImport;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The journal of a master whose jobs have run for a long time, each second one of them: written
 * event by event, so that any length of it can be had.
 */
final class LongStory {
  static final Instant BEGIN = Instant.parse("2026-11-22T15:00:00Z");
  private static final int EVENTS_OF_A_RUN = 4;

  private final int jobs;
  private final int runsOfEach;

  /**
   * @param events about how many
   */
  LongStory(int jobs, int events) {
    this.jobs = jobs;
    this.runsOfEach = events / jobs / EVENTS_OF_A_RUN;
  }

  static String job(int number) {
    return "job-%05d".formatted(number);
  }

  int jobs() {
    return jobs;
  }

  int runs() {
    return jobs * runsOfEach;
  }

  int runsOfEach() {
    return runsOfEach;
  }

  int events() {
    return jobs + EVENTS_OF_A_RUN * runs();
  }

  Instant end() {
    return BEGIN.plusSeconds((long) runs() + 1);
  }

  /** Makes the journal of a data directory. */
  void writeInto(Path data) {
    try (LevelDbImport to = LevelDbImport.into(data)) {
      for (int job = 0; job < jobs; job++) {
        to.id(new StoredId(id(job), 1 + (long) EVENTS_OF_A_RUN * runsOfEach, 0, 0));
      }
      for (int job = 0; job < jobs; job++) {
        to.event(event(job, 1, "job-defined/1", BEGIN, defined(job)));
      }
      for (int run = 1; run <= runsOfEach; run++) {
        for (int job = 0; job < jobs; job++) {
          run(to, job, run);
        }
      }
      to.commit();
    }
  }

  private static String id(int job) {
    return "job|" + job(job);
  }

  private static String defined(int job) {
    return "{'type':'defined','definition':{'name':'%s','run':'true','target':{'type':'agent','agent':'agent-1'},'parameters':{},'timeout':null,'killGrace':'PT15S','onConnectionLoss':'stop-after-lease','onLost':'error'},'at':'AT'}"
        .formatted(job(job));
  }

  private void run(LevelDbImport to, int job, int run) {
    String name = job(job) + "#" + run;
    Instant at = BEGIN.plusSeconds(1 + (long) (run - 1) * jobs + job);
    Instant ended = at.plusMillis(500);
    long number = 2 + (long) (run - 1) * EVENTS_OF_A_RUN;
    to.event(
        event(
            job,
            number,
            "job-run-requested/1",
            at,
            "{'type':'run-requested','run':'%s','parameters':{},'requestId':null,'at':'AT'}"
                .formatted(name)));
    to.event(
        event(
            job,
            number + 1,
            "job-execution-begun/1",
            at,
            "{'type':'execution-begun','execution':'%s.1','agent':'agent-1','token':%d,'at':'AT'}"
                .formatted(name, run)));
    to.event(
        event(
            job,
            number + 2,
            "job-execution-ended/1",
            ended,
            "{'type':'execution-ended','execution':'%s.1','outcome':{'type':'exited','code':0},'startedAt':'%s','endedAt':'AT','at':'AT'}"
                .formatted(name, at)));
    to.event(
        event(
            job,
            number + 3,
            "job-run-ended/1",
            ended,
            "{'type':'run-ended','run':'%s','result':'succeeded','message':'exited 0','at':'AT'}"
                .formatted(name)));
  }

  private static StoredEvent event(int job, long number, String name, Instant at, String json) {
    return new StoredEvent(
        id(job),
        number,
        at.toEpochMilli(),
        "writer-1",
        "",
        JournalEvents.serializerId(),
        name,
        List.of(),
        json.replace('\'', '"').replace("AT", at.toString()).getBytes(StandardCharsets.UTF_8));
  }
}
