package io.holdfast.master.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.persistence.query.EventEnvelope;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.JournalledEvents;
import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.task.Outcome;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the tables of the history must do, in either database. */
abstract class HistoryContract {
  private static final List<String> TABLES =
      List.of("history_runs", "history_executions", "history_starts", "history_agents");

  HistoryDatabase database;

  /** An empty one. */
  abstract HistoryDatabase open() throws SQLException;

  @BeforeEach
  void begin() throws SQLException {
    database = open();
  }

  @AfterEach
  void close() {
    database.close();
  }

  /** Takes events in as a projection does, in groups of {@code most}. */
  private void take(HistoryStream stream, List<EventEnvelope> events, int most)
      throws SQLException {
    for (int i = 0; i < events.size(); i += most) {
      List<EventEnvelope> group = events.subList(i, Math.min(events.size(), i + most));
      database.transaction(
          connection -> {
            long behind =
                HistoryState.mark(connection, stream).map(HistoryState.Mark::place).orElse(0L);
            HistoryHandler.take(connection, stream, behind, group);
            return group;
          });
    }
  }

  private void take(Happened happened) throws SQLException {
    for (HistoryStream stream : HistoryStream.values()) {
      take(stream, happened.of(stream), 3);
    }
  }

  private ObjectNode search(HistoryKind kind, String... parameters) throws SQLException {
    List<Map.Entry<String, String>> pairs = new ArrayList<>();
    for (int i = 0; i < parameters.length; i += 2) {
      pairs.add(Map.entry(parameters[i], parameters[i + 1]));
    }
    HistoryFilter filter = HistoryFilter.of(kind, pairs);
    return database.transaction(connection -> HistorySearch.page(connection, filter));
  }

  private List<String> ids(HistoryKind kind, String... parameters) throws SQLException {
    return ids(search(kind, parameters).path(kind.word()));
  }

  private static List<String> ids(JsonNode rows) {
    List<String> ids = new ArrayList<>();
    rows.forEach(row -> ids.add(row.path("id").asText()));
    return ids;
  }

  /** All that the tables hold. */
  private Map<String, List<String>> rows() throws SQLException {
    return database.transaction(
        connection -> {
          Map<String, List<String>> all = new LinkedHashMap<>();
          for (String table : TABLES) {
            all.put(table, rows(connection, table));
          }
          return all;
        });
  }

  private static List<String> rows(Connection connection, String table) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
      while (row.next()) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          text.append(row.getString(i)).append(" | ");
        }
        rows.add(text.toString());
      }
    }
    rows.sort(null);
    return rows;
  }

  private static Happened someTime() {
    return Happened.nothing()
        .activated("agent-1", 1)
        .whole("tick#1", "agent-1", RunResult.SUCCEEDED)
        .whole("tick#2", "agent-2", RunResult.FAILED)
        .asked("backup#1")
        .begun("backup#1.1", "agent-1")
        .started("backup#1.1", "agent-1")
        .lost("agent-1", false)
        .ended("backup#1.1", new Outcome.Lost("not heard"))
        .begun("backup#1.2", "agent-2")
        .asked("tick#3")
        .begun("tick#3.1", "agent-2")
        .started("tick#3.1", "agent-2")
        .amended("backup#1.1", new Outcome.Exited(9))
        .asked("tick#4")
        .cancelAsked("tick#4")
        .over("tick#4", RunResult.CANCELLED, "cancelled before it began")
        .adopted("old#7.1", "agent-3")
        .asked("tick#5");
  }

  @Test
  void aRunIsShownWithAllThatTheJournalSaysOfIt() throws SQLException {
    take(someTime());
    JsonNode run = search(HistoryKind.RUNS, "job", "backup").path("runs").path(0);
    assertThat(run.path("id").asText()).isEqualTo("backup#1");
    assertThat(run.path("state").asText()).isEqualTo("active");
    assertThat(run.path("attempts").asInt()).isEqualTo(2);
    assertThat(run.path("requestId").asText()).isEqualTo("r-1");
    assertThat(run.path("startedAt").asText()).isNotEmpty();
    assertThat(run.has("outcome")).as("of an earlier execution").isFalse();
    JsonNode failed = search(HistoryKind.RUNS, "state", "failed").path("runs").path(0);
    assertThat(failed.path("id").asText()).isEqualTo("tick#2");
    assertThat(failed.path("outcome").path("code").asInt()).isEqualTo(3);
    assertThat(failed.path("message").asText()).isEqualTo("exited 3");
    assertThat(failed.path("endedAt").asText()).isGreaterThan(failed.path("startedAt").asText());
    JsonNode cancelled = search(HistoryKind.RUNS, "state", "cancelled").path("runs").path(0);
    assertThat(cancelled.path("cancelRequestedAt").asText()).isNotEmpty();
    assertThat(
            search(HistoryKind.RUNS, "job", "old").path("runs").path(0).path("adopted").asBoolean())
        .isTrue();
  }

  @Test
  void anExecutionIsShownWithItsVerdictAndWhatWasHeardLater() throws SQLException {
    take(someTime());
    JsonNode rows = search(HistoryKind.EXECUTIONS, "job", "backup").path("executions");
    assertThat(ids(rows)).containsExactly("backup#1.2", "backup#1.1");
    assertThat(rows.path(0).path("state").asText()).isEqualTo("assigned");
    assertThat(rows.path(0).path("fencingToken").asLong()).isEqualTo(1);
    assertThat(rows.path(1).path("outcome").path("type").asText()).isEqualTo("lost");
    assertThat(rows.path(1).path("amended").path("code").asInt()).isEqualTo(9);
    assertThat(ids(HistoryKind.EXECUTIONS, "state", "running")).containsExactly("tick#3.1");
    assertThat(ids(HistoryKind.EXECUTIONS, "state", "ended"))
        .containsExactly("backup#1.1", "tick#2.1", "tick#1.1");
    assertThat(ids(HistoryKind.EXECUTIONS, "agent", "agent-2", "state", "assigned"))
        .containsExactly("backup#1.2");
  }

  @Test
  void eachFilterFindsWhatItNames() throws SQLException {
    take(someTime());
    assertThat(ids(HistoryKind.RUNS))
        .containsExactly("tick#5", "old#7", "tick#4", "tick#3", "backup#1", "tick#2", "tick#1");
    assertThat(ids(HistoryKind.RUNS, "job", "tick", "agent", "agent-2"))
        .containsExactly("tick#3", "tick#2");
    assertThat(ids(HistoryKind.RUNS, "agent", "agent-1")).containsExactly("backup#1", "tick#1");
    assertThat(ids(HistoryKind.RUNS, "state", "queued")).containsExactly("tick#5");
    String third =
        search(HistoryKind.RUNS, "job", "tick").path("runs").path(2).path("requestedAt").asText();
    assertThat(ids(HistoryKind.RUNS, "job", "tick", "from", third))
        .containsExactly("tick#5", "tick#4", "tick#3");
    assertThat(ids(HistoryKind.RUNS, "to", third)).containsExactly("backup#1", "tick#2", "tick#1");
    assertThat(ids(HistoryKind.RUNS, "job", "nobody")).isEmpty();
  }

  @Test
  void agentsAreShownAsTheJournalLastSpokeOfThem() throws SQLException {
    take(
        Happened.nothing()
            .activated("agent-1", 1)
            .lost("agent-1", true)
            .activated("agent-2", 4)
            .lost("agent-3", false)
            .activated("agent-3", 9));
    assertThat(ids(HistoryKind.AGENTS)).containsExactly("agent-1", "agent-2", "agent-3");
    JsonNode lost = search(HistoryKind.AGENTS, "state", "confirmed-lost").path("agents").path(0);
    assertThat(lost.path("id").asText()).isEqualTo("agent-1");
    assertThat(lost.path("message").asText()).isEqualTo("confirmed by ann: it burnt down");
    assertThat(lost.path("epoch").asLong()).isEqualTo(1);
    JsonNode back = search(HistoryKind.AGENTS, "agent", "agent-3").path("agents").path(0);
    assertThat(back.path("state").asText()).isEqualTo("activated");
    assertThat(back.has("message")).isFalse();
    assertThat(back.path("lostAt").asText()).isNotEmpty();
  }

  /** Each row that was there at the beginning comes once, whatever is added between the pages. */
  @Test
  void pagesNeitherPassOverNorRepeatARowWhileRowsAreAdded() throws SQLException {
    Happened happened = Happened.nothing();
    for (int i = 1; i <= 25; i++) {
      happened.asked("tick#" + i).begun("tick#" + i + ".1", "agent-1");
    }
    take(HistoryStream.JOB, happened.of(HistoryStream.JOB), 10);
    int before = happened.of(HistoryStream.JOB).size();
    for (HistoryKind kind : List.of(HistoryKind.RUNS, HistoryKind.EXECUTIONS)) {
      List<String> seen = new ArrayList<>();
      ObjectNode page = search(kind, "limit", "7");
      int more = 100;
      while (true) {
        seen.addAll(ids(page.path(kind.word())));
        if (!page.has("next")) {
          break;
        }
        happened
            .asked("tock" + kind.word() + "#" + more)
            .begun("tock" + kind.word() + "#" + more + ".1", "agent-1");
        more++;
        List<EventEnvelope> all = happened.of(HistoryStream.JOB);
        take(HistoryStream.JOB, all.subList(before, all.size()), 10);
        before = all.size();
        page = search(kind, "limit", "7", "after", page.path("next").asText());
      }
      assertThat(seen).doesNotHaveDuplicates();
      assertThat(seen.stream().filter(id -> id.startsWith("tick#"))).hasSize(25);
    }
  }

  @Test
  void rowsOfOneInstantArePagedTooAndTheLastPageHasNoNext() throws SQLException {
    for (int i = 1; i <= 4; i++) {
      take(Happened.nothing().asked("job-" + i + "#1"));
    }
    ObjectNode first = search(HistoryKind.RUNS, "limit", "2");
    assertThat(ids(first.path("runs"))).containsExactly("job-4#1", "job-3#1");
    ObjectNode last = search(HistoryKind.RUNS, "limit", "2", "after", first.path("next").asText());
    assertThat(ids(last.path("runs"))).containsExactly("job-2#1", "job-1#1");
    assertThat(last.has("next")).isFalse();
  }

  @Test
  void P5_theSameEventsGiveTheSameRowsHoweverTheyAreGrouped() throws SQLException {
    Happened happened = someTime();
    take(HistoryStream.JOB, happened.of(HistoryStream.JOB), 1);
    take(HistoryStream.AGENT, happened.of(HistoryStream.AGENT), 1);
    Map<String, List<String>> first = rows();
    assertThat(first.get("history_runs")).hasSize(7);
    database.close();
    database = open();
    take(HistoryStream.AGENT, happened.of(HistoryStream.AGENT), 100);
    take(HistoryStream.JOB, happened.of(HistoryStream.JOB), 100);
    assertThat(rows()).isEqualTo(first);
  }

  @Test
  void P5_eventsThatAreTakenInAgainChangeNothing() throws SQLException {
    Happened happened = someTime();
    take(happened);
    Map<String, List<String>> first = rows();
    for (HistoryStream stream : HistoryStream.values()) {
      List<EventEnvelope> events = happened.of(stream);
      for (EventEnvelope event : events) {
        take(stream, List.of(event), 1);
        assertThat(rows()).as("after %s again", event.event()).isEqualTo(first);
      }
    }
  }

  @Test
  void aGroupThatFailsLeavesNothing() throws SQLException {
    Happened happened = Happened.nothing().asked("tick#1").asked("tick#2");
    List<EventEnvelope> events = new ArrayList<>(happened.all());
    events.add(
        new EventEnvelope(akka.persistence.query.Offset.sequence(3), "job|tick", 3, "no event", 0));
    assertThatThrownBy(() -> take(HistoryStream.JOB, events, 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ids(HistoryKind.RUNS)).isEmpty();
    assertThat(search(HistoryKind.RUNS).has("upTo")).isFalse();
  }

  /** As after a server's crash that took the newest rows, while the projection lived on. */
  @Test
  void P2_nothingIsAddedBehindAGap() throws SQLException {
    List<EventEnvelope> events =
        Happened.nothing().asked("tick#1").asked("tick#2").asked("tick#3").all();
    take(HistoryStream.JOB, events.subList(0, 1), 1);
    for (long believed : new long[] {0, 2}) {
      assertThatThrownBy(
              () ->
                  database.transaction(
                      connection -> {
                        HistoryHandler.take(
                            connection, HistoryStream.JOB, believed, events.subList(2, 3));
                        return events;
                      }))
          .isInstanceOf(HistoryUnavailableException.class)
          .hasMessageContaining("do not end at " + believed);
    }
    assertThat(ids(HistoryKind.RUNS)).containsExactly("tick#1");
  }

  @Test
  void itSaysUpToWhenItKnows() throws SQLException {
    Happened happened = someTime();
    take(happened);
    List<EventEnvelope> events = happened.of(HistoryStream.JOB);
    Object last = events.get(events.size() - 1).event();
    assertThat(search(HistoryKind.RUNS).path("upTo").asText())
        .isEqualTo(HistoryRules.at(last).toString());
  }

  @Test
  void everyEventThatAMasterStoresCanBeTakenIn() throws SQLException {
    long place = 0;
    for (Object event : JournalledEvents.samples()) {
      place++;
      boolean link = event.getClass().getName().contains("LinkEvent");
      EventEnvelope envelope =
          new EventEnvelope(
              akka.persistence.query.Offset.sequence(place),
              link ? "agent|agent-1" : "job|nightly",
              place,
              event,
              0);
      take(link ? HistoryStream.AGENT : HistoryStream.JOB, List.of(envelope), 1);
    }
    assertThat(ids(HistoryKind.RUNS)).containsExactly("nightly#42");
  }

  /** PostgreSQL refuses the one, UTF-8 has no form for the other: neither may stop the history. */
  @Test
  void textThatADatabaseRefusesIsStoredWithoutIt() throws SQLException {
    String odd = "a\0b\ud800c " + "x".repeat(HistoryRows.MOST_TEXT * 2);
    take(
        Happened.nothing()
            .asked("tick#1")
            .begun("tick#1.1", "agent-1")
            .ended("tick#1.1", new Outcome.Lost(odd))
            .over("tick#1", RunResult.LOST, odd));
    JsonNode run = search(HistoryKind.RUNS).path("runs").path(0);
    assertThat(run.path("message").asText()).startsWith("a\ufffdb?c x").endsWith("…");
    assertThat(run.path("message").asText()).hasSize(HistoryRows.MOST_TEXT);
    assertThat(run.path("outcome").path("why").asText().length())
        .isLessThanOrEqualTo(HistoryRows.MOST_TEXT);
  }
}
