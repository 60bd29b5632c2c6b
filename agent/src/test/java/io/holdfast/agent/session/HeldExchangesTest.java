package io.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestInbox;
import io.holdfast.protocol.wire.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two at the most, the older first, and none before its commands are durable. */
class HeldExchangesTest {
  private static final Duration NOW = Duration.ofSeconds(100);
  private static final Duration LATER = NOW.plusSeconds(4);
  private final HeldExchanges held = new HeldExchanges();
  private final TestInbox<MasterSession.Answer> inbox = TestInbox.create();

  private void add(long number) {
    held.add(number, inbox.getRef(), LATER);
  }

  private void answer() {
    held.answer(NOW, List.of(), List.of());
  }

  @Test
  void numbersGrowAndTwoWaitAtTheMost() {
    assertThat(held.isNext(1)).isTrue();
    add(1);
    assertThat(held.isNext(1)).isFalse();
    assertThat(held.isNext(3)).as("numbers may skip").isTrue();
    add(3);
    assertThat(held.isNext(4)).as("no room").isFalse();
    answer();
    assertThat(held.isNext(2)).isFalse();
    assertThat(held.isNext(4)).isTrue();
  }

  @Test
  void r14NoAnswerBeforeTheCommandsAreDurable() {
    add(1);
    long first = held.await(1);
    long second = held.await(1);
    add(2);
    assertThat(held.mayAnswer(LATER, true)).isFalse();
    held.performed(first);
    held.performed(first);
    assertThat(held.mayAnswer(LATER, true)).as("one of two").isFalse();
    held.performed(second);
    assertThat(held.mayAnswer(NOW, false)).as("a newer one came").isTrue();
  }

  @Test
  void newsOrTimeReleaseTheOnlyOne() {
    assertThat(held.mayAnswer(LATER, true)).isFalse();
    add(1);
    assertThat(held.mayAnswer(NOW, false)).isFalse();
    assertThat(held.mayAnswer(NOW, true)).isTrue();
    assertThat(held.mayAnswer(LATER, false)).isTrue();
  }

  @Test
  void theEndOfASessionAnswersAllAndBeginsTheNumbersAnew() {
    add(7);
    long waiting = held.await(7);
    held.refuseAll(new Refusal(Refusal.Code.LEASE_OVER, "over", Optional.empty()));
    assertThat(inbox.getAllReceived()).hasSize(1);
    held.performed(waiting);
    assertThat(held.isNext(1)).isTrue();
    add(1);
    assertThat(held.await(1)).isGreaterThan(waiting);
  }
}
