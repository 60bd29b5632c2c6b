package io.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an agent never forgets of a master, in a journal that stays short. */
class SessionStateTest {
  private static final Instant NOW = Instant.parse("2026-11-22T15:00:00Z");

  private static SessionEvent released(int run) {
    return new SessionEvent.NumbersUsed(
        List.of(new SessionEvent.Used(ExecutionId.parse("a#" + run + ".1"), new FencingToken(run))),
        NOW);
  }

  @Test
  void theEventsOfASessionAreSummedUpWhenTheyAreMany() {
    SessionState state =
        SessionState.NEVER_COUPLED.evolve(
            new SessionEvent.MasterSeen(new MasterEpoch(3), new JournalId("mj-1"), NOW));
    int run = 0;
    while (state.sum(NOW).isEmpty()) {
      run++;
      state = state.evolve(released(run));
    }
    assertThat(run + 1).isEqualTo(SessionState.MOST_EVENTS);
    SessionState summed = SessionState.NEVER_COUPLED.evolve(state.sum(NOW).orElseThrow());
    assertThat(summed.epoch()).isEqualTo(state.epoch());
    assertThat(summed.life()).isEqualTo(state.life());
    assertThat(summed.masterJournal()).isEqualTo(state.masterJournal());
    assertThat(summed.used()).isEqualTo(state.used());
    assertThat(summed.sum(NOW)).isEmpty();
    assertThat(summed.used().of(new JobName("a")).run()).isEqualTo(run);
  }

  @Test
  void R4_whatIsReadableOfADamagedJournalIsTheLeastThatWasSeen() {
    var seen = new SessionEvent.MasterSeen(new MasterEpoch(3), new JournalId("mj-1"), NOW);
    SessionState damaged =
        SessionState.NEVER_COUPLED
            .evolve(seen)
            .evolve(released(7))
            .evolve(new SessionEvent.JournalDamaged("the checksum does not match", NOW));
    assertThat(damaged.epoch()).isEqualTo(new MasterEpoch(3));
    assertThat(damaged.used().of(new JobName("a")).run()).isEqualTo(7);
    assertThat(damaged.damage()).contains("the checksum does not match");
    var newer = new SessionEvent.MasterSeen(new MasterEpoch(5), new JournalId("mj-1"), NOW);
    assertThat(damaged.evolve(newer).damage()).as("whose the tasks are is known again").isEmpty();
  }
}
