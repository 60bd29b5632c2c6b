package io.holdfast.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.persistence.Proof;
import io.holdfast.protocol.lease.TimingPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R13: who proves the master's right to act, and what follows. */
class AuthorityKeeperTest {
  private static final Duration TTL = TimingPolicy.DEFAULT.authorityTtl();

  private final List<String> ended = new ArrayList<>();
  private Duration now = Duration.ofSeconds(100);
  private Duration takes = Duration.ZERO;
  private Proof says = new Proof.Ours();
  private final AuthorityKeeper keeper =
      new AuthorityKeeper(this::look, TimingPolicy.DEFAULT, () -> now, ended::add);

  private Proof look() {
    now = now.plus(takes);
    return says;
  }

  @Test
  void R13_beforeTheFirstProofNothingIsSent() {
    assertThat(keeper.mayAct()).isFalse();
    keeper.prove();
    assertThat(keeper.mayAct()).isTrue();
  }

  @Test
  void R13_afterASleepLongerThanTheTtlAProofComesFirst() {
    keeper.prove();
    now = now.plus(TTL);
    assertThat(keeper.mayAct()).isFalse();
    keeper.prove();
    assertThat(keeper.mayAct()).isTrue();
  }

  @Test
  void R13_aDiskThatAnswersTooLateProvesNothing() {
    takes = TTL.plusSeconds(1);
    keeper.prove();
    assertThat(keeper.mayAct()).isFalse();
  }

  @Test
  void R13_aDiskThatCannotBeReadProvesNothingAndEndsNothing() {
    keeper.prove();
    says = new Proof.Unknown("no disk");
    keeper.prove();
    assertThat(keeper.mayAct()).as("the last proof still holds").isTrue();
    assertThat(keeper.doubt()).contains("no disk");
    now = now.plus(TTL);
    keeper.prove();
    assertThat(keeper.mayAct()).isFalse();
    assertThat(ended).isEmpty();
    says = new Proof.Ours();
    keeper.prove();
    assertThat(keeper.doubt()).isEmpty();
  }

  @Test
  void R13_aRivalEndsTheProcess() {
    says = new Proof.Rival("taken over");
    keeper.prove();
    assertThat(ended).containsExactly("taken over");
    assertThat(keeper.mayAct()).isFalse();
  }

  @Test
  void R13_itIsProvenAgainAndAgainAlsoAfterAFault() {
    AtomicInteger looks = new AtomicInteger();
    TimingPolicy fast =
        new TimingPolicy(
            Duration.ofMillis(100),
            10,
            Duration.ZERO,
            5,
            Duration.ofMillis(50),
            Duration.ofMillis(30));
    try (AuthorityKeeper running =
        new AuthorityKeeper(
            () -> {
              looks.incrementAndGet();
              throw new IllegalStateException("a fault");
            },
            fast,
            new AwakeClock(),
            ended::add)) {
      running.start();
      await().atMost(Duration.ofSeconds(20)).until(() -> looks.get() > 3);
      assertThat(running.mayAct()).isFalse();
    }
  }

  @Test
  void timePassesAlsoWhileTheMachineIsSuspended(@TempDir Path temp) throws Exception {
    Path uptime = Files.writeString(temp.resolve("uptime"), "100.00 50.00\n");
    AwakeClock clock = new AwakeClock(uptime);
    assertThat(clock.get()).isLessThan(Duration.ofSeconds(30));
    Files.writeString(uptime, "4000.50 50.00\n");
    assertThat(clock.get()).isEqualTo(Duration.ofMillis(3_900_500));
    Files.delete(uptime);
    assertThat(clock.get()).as("without it the monotonic clock goes on").isPositive();
  }
}
