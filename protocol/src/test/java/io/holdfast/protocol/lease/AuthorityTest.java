package io.holdfast.protocol.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** R13: who may act for a link. */
class AuthorityTest {
  private static final TimingPolicy POLICY = TimingPolicy.DEFAULT;
  private static final Duration TTL = POLICY.authorityTtl();

  private static Duration at(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  @Test
  void R13_withoutAProofNobodyActs() {
    assertThat(Authority.UNPROVEN.isFresh(Duration.ZERO, POLICY)).isFalse();
  }

  @Test
  void R13_aProofCountsFromItsBeginningNotFromItsEnd() {
    // Begun at 100, and the disk took 9 seconds to answer.
    Authority authority = Authority.UNPROVEN.proven(at(100));
    assertThat(authority.isFresh(at(109), POLICY)).isTrue();
    assertThat(authority.isFresh(at(100).plus(TTL).minusNanos(1), POLICY)).isTrue();
    assertThat(authority.isFresh(at(100).plus(TTL), POLICY)).isFalse();
  }

  @Test
  void R13_aProofThatTookLongerThanItLastsProvesNothing() {
    assertThat(Authority.UNPROVEN.proven(at(100)).isFresh(at(111), POLICY)).isFalse();
  }

  @Test
  void R13_aLateProofDoesNotUndoANewerOne() {
    Authority authority = Authority.UNPROVEN.proven(at(100)).proven(at(90));
    assertThat(authority.provenSince()).contains(at(100));
  }

  @Property
  void R13_whoWasStoppedLongerThanTheTtlMustProveAnew(
      @ForAll @LongRange(min = 0, max = 1_000_000) long millis) {
    Authority authority = Authority.UNPROVEN.proven(at(5));
    Duration resumed = at(5).plus(TTL).plusMillis(millis);
    assertThat(authority.isFresh(resumed, POLICY)).isFalse();
    assertThat(authority.proven(resumed).isFresh(resumed, POLICY)).isTrue();
  }

  @Test
  void R13_twoProofsMayFailBeforeTheThirdIsTooLate() {
    assertThat(Authority.proveNext(POLICY, false).multipliedBy(3)).isLessThanOrEqualTo(TTL);
    assertThat(Authority.proveNext(POLICY, true))
        .isLessThanOrEqualTo(Authority.proveNext(POLICY, false))
        .isLessThanOrEqualTo(Duration.ofSeconds(1));
  }
}
