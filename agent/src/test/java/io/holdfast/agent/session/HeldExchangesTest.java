package io.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two at the most, the older first, and none before its commands are durable. */
class HeldExchangesTest {
  private static final Duration NOW = Duration.ofSeconds(100);
  private static final Duration LATER = NOW.plusSeconds(4);
  private final HeldExchanges<String> held = new HeldExchanges<>();

  private void add(long number) {
    held.add(number, "asked", LATER);
  }

  private void answer() {
    assertThat(held.take()).isEqualTo("asked");
  }

  @Test
  void exchangesAreTakenInOrderAndTwoWaitAtTheMost() {
    assertThat(held.isNext(1)).isTrue();
    add(1);
    assertThat(held.isNext(1)).as("seen").isFalse();
    assertThat(held.isNext(3)).as("out of order").isFalse();
    add(2);
    assertThat(held.isNext(3)).as("no room").isFalse();
    answer();
    assertThat(held.isNext(2)).isFalse();
    assertThat(held.isNext(3)).isTrue();
  }

  @Test
  void oneThatHasOvertakenTheOneBeforeItWaitsForIt() {
    var second =
        new HeldExchanges.Arrived<>(
            new Exchange.Request(
                new SessionId("s"), new MasterEpoch(1), 2, Duration.ZERO, List.of()),
            "asked");
    assertThat(held.isEarly(2)).isTrue();
    assertThat(held.isEarly(3)).as("too far ahead").isFalse();
    held.keepEarly(second);
    assertThat(held.isEarly(2)).as("one at the most").isFalse();
    assertThat(held.takeEarly()).isEmpty();
    add(1);
    assertThat(held.takeEarly()).contains(second);
    assertThat(held.takeEarly()).isEmpty();
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
    assertThat(held.takeAll()).containsExactly("asked");
    held.performed(waiting);
    assertThat(held.isNext(1)).isTrue();
    add(1);
    assertThat(held.await(1)).isGreaterThan(waiting);
  }
}
