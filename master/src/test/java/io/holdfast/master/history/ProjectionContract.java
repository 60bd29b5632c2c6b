package io.holdfast.master.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.run.RunResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the history does with a journal, in either pair of stores. */
abstract class ProjectionContract {
  HistoryMaster master;

  /** Starts a master over the stores of this test, again over the same. */
  abstract HistoryMaster start() throws Exception;

  @BeforeEach
  void begin() throws Exception {
    master = start();
  }

  @AfterEach
  void end() {
    master.close();
  }

  static Happened runs(int most) {
    Happened happened = Happened.nothing().activated("agent-1", 1).activated("agent-2", 1);
    for (int i = 1; i <= most; i++) {
      happened.whole("tick#" + i, "agent-" + (1 + i % 2), RunResult.SUCCEEDED);
    }
    return happened;
  }

  @Test
  void takesInWhatIsThereAndThenWhatComes() throws Exception {
    Happened happened = runs(3);
    master.write(happened.all());
    master.awaitCurrent(happened.all().size());
    ObjectNode page = master.search(HistoryKind.RUNS, Map.of("agent", "agent-2"));
    assertThat(page.path("runs").findValuesAsText("id")).containsExactly("tick#3", "tick#1");
    assertThat(page.path("history").asText()).isEqualTo("current");
    assertThat(page.path("upTo").asText()).isNotEmpty();
    int before = happened.all().size();
    happened.asked("tick#4");
    master.write(happened.all().subList(before, before + 1));
    await()
        .atMost(HistoryMaster.PATIENCE)
        .until(
            () ->
                master.search(HistoryKind.RUNS, Map.of("state", "queued")).path("runs").size()
                    == 1);
    assertThat(master.search(HistoryKind.AGENTS, Map.of()).path("agents")).hasSize(2);
  }

  /** Each event counts once: the rows would not tell a second time, the counter does. */
  @Test
  void P2_anEndInTheMiddleLosesAndDoublesNothing() throws Exception {
    Happened happened = runs(300);
    long all = happened.all().size();
    master.write(happened.all());
    await()
        .atMost(HistoryMaster.PATIENCE)
        .ignoreException(HistoryUnavailableException.class)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> master.progress().path("events").asLong() > 0);
    master.close();
    master = start();
    master.awaitCurrent(all);
    assertThat(master.progress().path("events").asLong()).isEqualTo(all);
    Map<HistoryKind, List<String>> rows = master.rows();
    assertThat(rows.get(HistoryKind.RUNS)).hasSize(300).doesNotHaveDuplicates();
    assertThat(rows.get(HistoryKind.RUNS)).allMatch(run -> run.contains("\"succeeded\""));
    assertThat(rows.get(HistoryKind.EXECUTIONS)).hasSize(300);
  }

  @Test
  void P5_aRebuildGivesTheSameRows() throws Exception {
    Happened happened = runs(300);
    long all = happened.all().size();
    master.write(happened.all());
    master.awaitCurrent(all);
    Map<HistoryKind, List<String>> before = master.rows();
    assertThat(master.progress().path("rebuild").asText()).isEqualTo("never");

    assertThat(master.history().rebuild().toCompletableFuture().join())
        .isEqualTo(History.RebuildAnswer.BEGUN);
    // Answered from what is there, and said so; unless it is over already.
    String word = master.search(HistoryKind.RUNS, Map.of()).path("history").asText();
    assertThat(word).isIn("rebuilding", "current");
    await()
        .atMost(HistoryMaster.PATIENCE)
        .until(() -> master.progress().path("rebuild").asText().equals("done"));
    ObjectNode done = master.progress();
    assertThat(done.path("events").asLong()).isEqualTo(all);
    assertThat(done.path("percent").asInt()).isEqualTo(100);
    assertThat(master.rows()).isEqualTo(before);
  }
}
