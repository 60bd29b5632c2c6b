package io.holdfast.persistence.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.ActorRef;
import akka.persistence.DeleteSnapshotSuccess;
import akka.persistence.DeleteSnapshotsSuccess;
import akka.persistence.Persistence;
import akka.persistence.SaveSnapshotFailure;
import akka.persistence.SaveSnapshotSuccess;
import akka.persistence.SelectedSnapshot;
import akka.persistence.SnapshotMetadata;
import akka.persistence.SnapshotProtocol;
import akka.persistence.SnapshotSelectionCriteria;
import akka.testkit.javadsl.TestKit;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.snapshot.SnapshotDeletion;
import io.holdfast.testing.journal.LargeCommit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.OptionConverters;

/**
 * What snapshots must never do, wherever they are stored: be the only truth, or tell of a history
 * that the journal does not have. Events are "p-1", "p-2" ...; the state behind them is "state-n".
 */
public abstract class SnapshotContract {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String ID = "p";

  /** What a version that is not this one stored. */
  public record OtherState(int x) {}

  private JournalClient journal;
  private ActorRef snapshots;

  /** The configuration of a system over the store of this test. */
  protected abstract Config config();

  /** Keeps a copy of the journal, without the snapshots; nobody uses it meanwhile. */
  protected abstract void backUp();

  /** Puts the copy in the place of the journal, and leaves the snapshots as they are. */
  protected abstract void restore();

  /** Changes a byte of the state in a stored snapshot. */
  protected abstract void damage(String id, long sequenceNr);

  /** How many snapshots of an id are stored. */
  protected abstract int stored(String id);

  @BeforeEach
  void open() {
    open("");
  }

  private void open(String more) {
    journal = new JournalClient(ConfigFactory.parseString(more).withFallback(config()).resolve());
    snapshots =
        Persistence.lookup().get(journal.system()).snapshotStoreFor("", ConfigFactory.empty());
  }

  @AfterEach
  void close() {
    journal.close();
  }

  /** The same store, with other settings. */
  protected final void reopen(String more) {
    reopen(more, () -> {});
  }

  /** The same, after something was done that nobody may see. */
  protected final void reopen(String more, Runnable meanwhile) {
    close();
    meanwhile.run();
    open(more);
  }

  private Object ask(Object message) {
    TestKit probe = new TestKit(journal.system());
    snapshots.tell(message, probe.getRef());
    return probe.receiveOne(PATIENCE);
  }

  protected final Object save(long number, Object state) {
    return ask(
        new SnapshotProtocol.SaveSnapshot(
            new SnapshotMetadata(ID, number, System.currentTimeMillis()), state));
  }

  private void save(long number) {
    assertThat(save(number, "state-" + number)).isInstanceOf(SaveSnapshotSuccess.class);
  }

  private static final SnapshotSelectionCriteria LATEST =
      new SnapshotSelectionCriteria(Long.MAX_VALUE, Long.MAX_VALUE, 0, 0);

  /** The state that a recovery begins with. */
  protected final Optional<Object> load() {
    return load(LATEST, Long.MAX_VALUE);
  }

  private Optional<Object> load(SnapshotSelectionCriteria criteria, long toNumber) {
    return selected(criteria, toNumber).map(SelectedSnapshot::snapshot);
  }

  private Optional<SelectedSnapshot> selected(SnapshotSelectionCriteria criteria, long toNumber) {
    Object answer = ask(new SnapshotProtocol.LoadSnapshot(ID, criteria, toNumber));
    if (answer instanceof SnapshotProtocol.LoadSnapshotFailed failed) {
      throw new IllegalStateException(failed.cause());
    }
    return OptionConverters.toJava(((SnapshotProtocol.LoadSnapshotResult) answer).snapshot());
  }

  protected final void fill(long from, long to) {
    journal.fill(ID, from, to);
  }

  /** LevelDB gets what was written so far by itself. */
  protected final void handOver(long time) {
    LargeCommit.write(journal.system(), "other", time, "x".repeat(5000));
  }

  /** What a recovery without snapshots reads. */
  protected final List<Object> replayed() {
    return journal.replay(ID).payloads();
  }

  private OptionalLong deleteBehindSnapshots() throws Exception {
    return new SnapshotDeletion(journal.system())
        .delete(ID)
        .toCompletableFuture()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void theNewestIsUsedAndTwoAreKept() {
    assertThat(load()).isEmpty();
    fill(1, 9);
    save(3);
    save(6);
    save(9);
    assertThat(load()).contains("state-9");
    assertThat(stored(ID)).isEqualTo(2);
    reopen("");
    assertThat(load()).contains("state-9");
    assertThat(journal.replay(ID).payloads()).isEqualTo(JournalClient.payloads(ID, 1, 9));
  }

  private static SnapshotSelectionCriteria upTo(long number) {
    return new SnapshotSelectionCriteria(number, Long.MAX_VALUE, 0, 0);
  }

  private static SnapshotSelectionCriteria untilTime(long timestamp) {
    return new SnapshotSelectionCriteria(Long.MAX_VALUE, timestamp, 0, 0);
  }

  private static SnapshotSelectionCriteria from(long number, long timestamp) {
    return new SnapshotSelectionCriteria(Long.MAX_VALUE, Long.MAX_VALUE, number, timestamp);
  }

  /** Stores one, and waits until the clock has gone on. */
  private long saveInTime(long number) {
    save(number);
    long stored = selected(LATEST, Long.MAX_VALUE).orElseThrow().metadata().timestamp();
    Awaitility.await().until(() -> System.currentTimeMillis() > stored);
    return stored;
  }

  @Test
  void onlyWhatIsAskedForIsLoaded() {
    fill(1, 9);
    long first = saveInTime(3);
    long second = saveInTime(6);
    assertThat(second).isGreaterThan(first);

    assertThat(load(upTo(6), Long.MAX_VALUE)).contains("state-6");
    assertThat(load(upTo(5), Long.MAX_VALUE)).contains("state-3");
    assertThat(load(upTo(2), Long.MAX_VALUE)).isEmpty();
    assertThat(load(from(6, 0), Long.MAX_VALUE)).contains("state-6");
    assertThat(load(from(7, 0), Long.MAX_VALUE)).isEmpty();
    // A recovery up to an event: no state from behind it.
    assertThat(load(LATEST, 6)).contains("state-6");
    assertThat(load(LATEST, 5)).contains("state-3");
    assertThat(load(LATEST, 2)).isEmpty();

    assertThat(load(untilTime(second), Long.MAX_VALUE)).contains("state-6");
    assertThat(load(untilTime(second - 1), Long.MAX_VALUE)).contains("state-3");
    assertThat(load(untilTime(first - 1), Long.MAX_VALUE)).isEmpty();
    assertThat(load(from(0, second), Long.MAX_VALUE)).contains("state-6");
    assertThat(load(from(0, second + 1), Long.MAX_VALUE)).isEmpty();
  }

  private Object deleteWhere(SnapshotSelectionCriteria criteria) {
    return ask(new SnapshotProtocol.DeleteSnapshots(ID, criteria));
  }

  @Test
  void whatIsDeletedIsGoneAndTheEventsStay() {
    fill(1, 9);
    long first = saveInTime(3);
    saveInTime(6);
    assertThat(deleteWhere(upTo(2))).isInstanceOf(DeleteSnapshotsSuccess.class);
    assertThat(deleteWhere(untilTime(first - 1))).isInstanceOf(DeleteSnapshotsSuccess.class);
    assertThat(stored(ID)).isEqualTo(2);

    assertThat(ask(new SnapshotProtocol.DeleteSnapshot(new SnapshotMetadata(ID, 6, 0))))
        .isInstanceOf(DeleteSnapshotSuccess.class);
    assertThat(load()).contains("state-3");
    saveInTime(9);
    assertThat(deleteWhere(untilTime(first))).isInstanceOf(DeleteSnapshotsSuccess.class);
    assertThat(stored(ID)).isEqualTo(1);
    assertThat(load()).contains("state-9");

    reopen("");
    assertThat(load()).contains("state-9");
    assertThat(deleteWhere(LATEST)).isInstanceOf(DeleteSnapshotsSuccess.class);
    assertThat(stored(ID)).isZero();
    assertThat(load()).isEmpty();
    assertThat(replayed()).isEqualTo(JournalClient.payloads(ID, 1, 9));
  }

  @Test
  void aDamagedOneIsPassedOverForTheOneBeforeAndThenForTheEvents() {
    fill(1, 6);
    save(3);
    save(6);
    damage(ID, 6);
    assertThat(load()).contains("state-3");
    damage(ID, 3);
    assertThat(load()).isEmpty();
    fill(7, 9);
    save(9);
    assertThat(load()).contains("state-9");
  }

  @Test
  void p1AStateWhoseEventsAreGoneIsNotBroughtBack() {
    fill(1, 4);
    save(3);
    close();
    backUp();
    open("");
    fill(5, 9);
    save(6);
    save(9);
    close();
    restore();
    open("");
    // The journal ends with event 4; snapshots stand behind 6 and 9.
    assertThat(load()).isEmpty();

    // It goes on with other events, up to and beyond the same numbers.
    for (long n = 5; n <= 10; n++) {
      assertThat(journal.write(JournalClient.atomic(ID, n, "other-" + n)).isDone()).isTrue();
      assertThat(load()).isEmpty();
    }
    save(10);
    assertThat(load()).contains("state-10");
    assertThat(stored(ID)).isEqualTo(2);
    damage(ID, 10);
    assertThat(load()).isEmpty();
  }

  @Test
  void oneOfALostFutureDoesNotCrowdOutThoseOfToday() {
    fill(1, 2);
    close();
    backUp();
    open("");
    fill(3, 9);
    save(8);
    save(9);
    close();
    restore();
    open("");
    fill(3, 5);
    save(4);
    save(5);
    assertThat(load()).contains("state-5");
    damage(ID, 5);
    assertThat(load()).contains("state-4");
  }

  @Test
  void whatThisVersionCannotReadIsPassedOver() {
    String states =
        "holdfast.journal.states { \"other-state/1\" = \"%s\" }, akka.actor.serialization-bindings { \"%s\" = holdfast-journal }"
            .formatted(OtherState.class.getName(), OtherState.class.getName());
    fill(1, 4);
    save(2);
    reopen(states);
    assertThat(save(4, new OtherState(1))).isInstanceOf(SaveSnapshotSuccess.class);
    assertThat(load()).contains(new OtherState(1));
    reopen("");
    assertThat(load()).contains("state-2");
  }

  @Test
  void noneIsStoredBehindAnEventThatIsNotThere() {
    fill(1, 2);
    save(2);
    // However many fail: what can be loaded is loaded.
    for (int i = 0; i < 30; i++) {
      assertThat(save(3, "state-3")).isInstanceOf(SaveSnapshotFailure.class);
    }
    assertThat(load()).contains("state-2");
  }

  @Test
  void oneThatIsTooLargeIsNotStoredAndTheOthersStay() {
    reopen("holdfast.snapshot.max-bytes = 1 KiB");
    fill(1, 4);
    save(2);
    assertThat(save(4, "x".repeat(1025)))
        .isInstanceOfSatisfying(
            SaveSnapshotFailure.class,
            failure -> assertThat(failure.cause()).hasMessageContaining("max-bytes"));
    assertThat(load()).contains("state-2");
    assertThat(stored(ID)).isEqualTo(1);
  }

  @Test
  void eventsAreDeletedOnlyBehindTheOlderOfTwoVerifiedSnapshots() throws Exception {
    fill(1, 9);
    assertThat(deleteBehindSnapshots()).isEmpty();
    save(4);
    assertThat(deleteBehindSnapshots()).isEmpty();
    save(8);
    damage(ID, 8);
    assertThat(deleteBehindSnapshots()).isEmpty();
    save(8);
    assertThat(deleteBehindSnapshots()).hasValue(3);
    assertThat(journal.replay(ID).payloads()).isEqualTo(JournalClient.payloads(ID, 4, 9));
    assertThat(load()).contains("state-8");
    damage(ID, 8);
    assertThat(load()).contains("state-4");
  }

  @Test
  void withoutTheFirstEventsAndWithoutASnapshotNothingIsMadeUp() throws Exception {
    fill(1, 9);
    save(4);
    save(8);
    deleteBehindSnapshots();
    damage(ID, 4);
    damage(ID, 8);
    assertThatThrownBy(this::load)
        .hasMessageContaining("'p' cannot be recovered")
        .hasMessageContaining("up to 3 are deleted");
  }

  @Test
  void aSnapshotFromBeforeTheFirstEventThatIsLeftIsNotUsed() {
    fill(1, 9);
    save(4);
    journal.delete(ID, 6);
    assertThatThrownBy(this::load).hasMessageContaining("up to 6 are deleted");
    save(8);
    journal.delete(ID, 8);
    assertThat(load()).contains("state-8");
    // An id that is over and deleted is as one that never was.
    damage(ID, 8);
    journal.delete(ID, 9);
    assertThat(load()).isEmpty();
  }
}
