package io.holdfast.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NarrationTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SILENT =
      "{'id':'agent-1','link':'disconnected','lastHeard':'2026-11-22T15:00:00Z','retry':3,'retryAttempts':10,"
          + "'leaseRemaining':'PT41.9S','openExecutions':2}";

  @Test
  void anUnreachableAgentMayStillRunTasksAndSaysForHowLong() {
    assertThat(words("agent", SILENT))
        .containsExactly(
            "agent-1 unreachable: 2 tasks may still be running, retry 3 of 10, lease 41 s");
    assertThat(
            words(
                "agent",
                "{'id':'a','link':'disconnected','lastHeard':'','retry':0,'openExecutions':1}"))
        .containsExactly("a unreachable: 1 task may still be running");
    assertThat(words("agent", "{'id':'a','link':'disconnected','lastHeard':'','openExecutions':0}"))
        .containsExactly("a unreachable: no task is there");
  }

  @Test
  void anAgentThatWasNeverHeardIsNotCalledUnreachable() {
    String never = "{'id':'a','link':'disconnected','retry':1,'openExecutions':0}";
    assertThat(words("agent", never)).containsExactly("a has not answered yet");
    assertThat(words("agent", never, never)).isEmpty();
    assertThat(words("agent", "{'id':'a','link':'reconciling','lastHeard':''}", never))
        .containsExactly("a answers: comparing notes …");
  }

  @Test
  void anAgentThatComesBackIsHeardAgain() {
    String reconciling = "{'id':'agent-1','link':'reconciling'}";
    assertThat(words("agent", reconciling, SILENT))
        .containsExactly("agent-1 is heard again: reconciling …");
    assertThat(words("agent", reconciling)).containsExactly("agent-1 answers: comparing notes …");
    assertThat(words("agent", "{'id':'agent-1','link':'connected'}", reconciling))
        .containsExactly("agent-1 connected");
    assertThat(words("agent", "{'id':'agent-1','link':'lost'}", SILENT))
        .containsExactly("agent-1 is lost: its lease is over, its tasks have been stopped");
    assertThat(words("agent", reconciling, reconciling)).isEmpty();
  }

  @Test
  void anExecutionIsToldWhenItsStateChanges() {
    String running = "{'id':'tick#1.1','agent':'agent-1','state':'running'}";
    String unreachable = "{'id':'tick#1.1','agent':'agent-1','state':'unreachable'}";
    assertThat(words("execution", running)).containsExactly("tick#1.1 runs on agent-1");
    assertThat(words("execution", running, running)).isEmpty();
    assertThat(words("execution", unreachable, running))
        .containsExactly("tick#1.1 is out of sight: it may still be running on agent-1");
    assertThat(words("execution", running, unreachable))
        .containsExactly("tick#1.1 is still running on agent-1: it was never stopped");
    assertThat(words("execution", "{'id':'tick#1.1','state':'queued'}")).isEmpty();
  }

  @Test
  void aLateOutcomeIsTold() {
    String ended = "{'id':'tick#1.1','agent':'agent-1','state':'ended'}";
    String amended =
        "{'id':'tick#1.1','agent':'agent-1','state':'ended','amended':{'type':'exited'},"
            + "'message':'lost; later heard: exited 0'}";
    assertThat(words("execution", amended, ended))
        .containsExactly("tick#1.1: a late word from agent-1: lost; later heard: exited 0");
    assertThat(words("execution", amended, amended)).isEmpty();
  }

  @Test
  void aRunIsToldWhenItHasEnded() {
    assertThat(words("run", "{'id':'tick#1','state':'active','message':'x'}")).isEmpty();
    String failed = "{'id':'tick#1','state':'failed','message':'exited 3'}";
    assertThat(words("run", failed)).containsExactly("tick#1 failed: exited 3");
    assertThat(words("run", failed, failed)).isEmpty();
    assertThat(words("run", "{'id':'tick#1','state':'lost','message':'lost: not heard'}"))
        .containsExactly("tick#1: lost: not heard");
  }

  @Test
  void aReconciliationHasALineForEachExecution() {
    assertThat(
            words(
                "reconciliation",
                "{'agent':'agent-1','entries':[{'execution':'a#1.1','before':'running',"
                    + "'agentSays':'finished: exited 0','decision':'complete'},{'execution':'b#1.1',"
                    + "'before':'running','agentSays':'running','decision':'resume'}]}"))
        .containsExactly(
            "a#1.1: the master had 'running', agent-1 says 'finished: exited 0' → complete",
            "b#1.1: the master had 'running', agent-1 says 'running' → resume");
    assertThat(words("reconciliation", "{'agent':'agent-1','entries':[]}")).isEmpty();
  }

  @Test
  void aNewJobIsIntroducedOnce() {
    String job = "{'name':'tick','agent':'agent-1','atMostOnce':'guaranteed'}";
    assertThat(words("job", job)).containsExactly("job tick for agent-1, at most once: guaranteed");
    assertThat(words("job", job, job)).isEmpty();
  }

  @Test
  void whatIsNotKnownHasNoWords() {
    assertThat(words("ready", "{}")).isEmpty();
    assertThat(words("weather", "{'id':'fine'}")).isEmpty();
  }

  private static List<String> words(String kind, String now) {
    return Narration.of(kind, json(now)).stream().map(Narration.Line::words).toList();
  }

  private static List<String> words(String kind, String now, String before) {
    return Narration.of(kind, json(now), json(before)).stream().map(Narration.Line::words).toList();
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
