package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.awaitDecision;
import static io.holdfast.scenario.Scenarios.execution;
import static io.holdfast.scenario.Scenarios.startRequest;
import static io.holdfast.scenario.Scenarios.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.RequestTrigger;
import io.holdfast.harness.RequestTrigger.Action;
import org.junit.jupiter.api.Test;

/** Single messages that are lost, and those that come late. */
final class LostMessageIT extends SharedSystem {
  private static final String AGENT = "agent-1";

  LostMessageIT() {
    super(LocalSystem.named("lost-message").timing(LONG_LEASE));
  }

  @Test
  void R5_aLostStartRequestIsSentAgainNamingThePriorAndRunsOnce() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "request-lost", "agent: " + AGENT);
          RequestTrigger first =
              system.proxy().onRequest(startRequest("request-lost#1.1/1"), Action.LOSE_REQUEST);
          RequestTrigger second =
              system.proxy().onRequest(startRequest("request-lost#1.1/2"), Action.PASS);
          String run = job.run();

          assertThat(first.firings()).isEqualTo(1);
          assertThat(second.awaitFired(AT_MOST).replaceAll("\\s", ""))
              .contains("\"prior\":\"request-lost#1.1/1\"");
          JsonNode entry = awaitDecision(system, AGENT, "request-lost#1.1", "sent", "resend");
          assertThat(entry.path("reason").asText()).contains("request-lost#1.1/1");
          job.end();
          JsonNode ended = job.assertCompleteAndOnce(run);
          assertThat(texts(execution(ended, 1).path("requests")))
              .containsExactly("request-lost#1.1/1", "request-lost#1.1/2");
        });
  }

  @Test
  void R5_aStartRequestWhoseAnswerIsLostIsFoundRunningAndRunsOnce() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "answer-lost", "agent: " + AGENT);
          RequestTrigger first =
              system.proxy().onRequest(startRequest("answer-lost#1.1/1"), Action.LOSE_ANSWER);
          String run = job.run();

          first.awaitFired(AT_MOST);
          awaitDecision(system, AGENT, "answer-lost#1.1", "sent", "resume");
          job.end();
          JsonNode ended = job.assertCompleteAndOnce(run);
          assertThat(texts(execution(ended, 1).path("requests")))
              .containsExactly("answer-lost#1.1/1");
        });
  }

  @Test
  void R5_aStartRequestWhoseAnswerIsLostIsFoundEndedAndIsNotExecutedAgain() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "answer-lost-ended", "agent: " + AGENT);
          job.end();
          system
              .proxy()
              .onRequest(startRequest("answer-lost-ended#1.1/1"), Action.LOSE_ANSWER)
              .then(system.proxy()::cut);
          system.client().startRun("answer-lost-ended");
          assertThat(system.ledger().awaitEnd("answer-lost-ended#1.1", AT_MOST))
              .isEqualTo(TalkingJob.EXIT_CODE);
          Scenarios.awaitNothingAlive(system, "answer-lost-ended#1.1");

          system.proxy().heal();
          awaitDecision(system, AGENT, "answer-lost-ended#1.1", "sent", "complete");
          job.assertCompleteAndOnce("answer-lost-ended#1");
        });
  }

  @Test
  void R4_whatArrivesFromAnOlderSessionOrEpochIsRefusedAndStartsNothing() throws Exception {
    scenario(
        system -> {
          TalkingJob.on(system, "old-session", "agent: " + AGENT);
          // The line goes with the request, so that the run can be cancelled before it is
          // repeated: only the late request could still start it.
          RequestTrigger start =
              system
                  .proxy()
                  .onRequest(startRequest("old-session#1.1/1"), Action.LOSE_REQUEST)
                  .then(system.proxy()::cut);
          system.client().startRun("old-session");
          start.awaitFired(AT_MOST);
          system.client().awaitLink(AGENT, "disconnected", AT_MOST);
          system.client().cancel("old-session#1", "no longer wanted");
          long firstEpoch = system.client().agent(AGENT).path("epoch").asLong();

          // A new session, not yet with any word about that execution.
          system.proxy().heal();
          JsonNode ended = system.client().awaitRun("old-session#1", AT_MOST);
          assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("cancelled");
          String otherSession = start.replay(AT_MOST);
          assertThat(otherSession).startsWith("HTTP/1.1 409").contains("other-session");

          system.master().kill9();
          system.master().start();
          JsonNode agent = system.client().awaitLink(AGENT, "connected", AT_MOST);
          assertThat(agent.path("epoch").asLong()).isGreaterThan(firstEpoch);
          String olderEpoch = start.replay(AT_MOST);
          assertThat(olderEpoch)
              .startsWith("HTTP/1.1 409")
              .contains("older-epoch")
              .contains("\"epoch\":" + agent.path("epoch").asLong());

          assertThat(system.ledger().starts("old-session#1.1")).isZero();
          assertThat(system.client().run("old-session#1")).isEqualTo(ended);
          system.client().awaitLink(AGENT, "connected", AT_MOST);
        });
  }
}
