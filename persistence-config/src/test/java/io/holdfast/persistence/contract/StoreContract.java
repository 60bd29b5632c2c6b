package io.holdfast.persistence.contract;

import static io.holdfast.persistence.contract.JournalClient.atomic;
import static io.holdfast.persistence.contract.JournalClient.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import io.holdfast.persistence.contract.JournalClient.Sent;
import io.holdfast.persistence.contract.JournalClient.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every store of events promises, asked for over Akka's own protocol: one subclass for each
 * store.
 */
public abstract class StoreContract {
  private final List<JournalClient> opened = new ArrayList<>();

  /** The configuration of an actor system whose journal is this test's; always the same store. */
  protected abstract Config config();

  protected final JournalClient open() {
    JournalClient client = new JournalClient(config());
    opened.add(client);
    return client;
  }

  @AfterEach
  void close() {
    opened.forEach(JournalClient::close);
  }

  @Test
  void replaysAllOrTheRangeThatIsAskedFor() {
    JournalClient journal = open();
    journal.fill("p", 1, 5);
    journal.fill("q", 1, 2);

    assertThat(journal.replay("p").payloads()).isEqualTo(payloads("p", 1, 5));
    assertThat(journal.replay("p").highest()).isEqualTo(5);
    assertThat(journal.replay("p", 3, Long.MAX_VALUE, Long.MAX_VALUE).payloads())
        .isEqualTo(payloads("p", 3, 5));
    assertThat(journal.replay("p", 1, 3, Long.MAX_VALUE).payloads()).isEqualTo(payloads("p", 1, 3));
    assertThat(journal.replay("p", 2, 2, Long.MAX_VALUE).payloads()).isEqualTo(payloads("p", 2, 2));
    assertThat(journal.replay("p", 1, Long.MAX_VALUE, 2).payloads()).isEqualTo(payloads("p", 1, 2));
    assertThat(journal.replay("p", 2, 4, 1).payloads()).isEqualTo(payloads("p", 2, 2));
    assertThat(journal.replay("p", 1, Long.MAX_VALUE, 0).payloads()).isEmpty();
    assertThat(journal.replay("p", 3, 2, Long.MAX_VALUE).payloads()).isEmpty();
    assertThat(journal.replay("unknown").payloads()).isEmpty();
    assertThat(journal.replay("unknown").highest()).isZero();
  }

  @Test
  void keepsIdsApartOfWhichOneIsThePrefixOfTheOther() {
    JournalClient journal = open();
    List<String> ids = List.of("a", "ab", "a b", "a|b", "ä", "A", "a%", "a_");
    ids.forEach(id -> journal.fill(id, 1, 2));
    for (String id : ids) {
      assertThat(journal.replay(id).payloads()).isEqualTo(payloads(id, 1, 2));
    }
  }

  @Test
  void deletesUpToANumberAndRemembersTheHighestAcrossARestart() {
    JournalClient journal = open();
    journal.fill("p", 1, 5);

    journal.delete("p", 3);
    assertThat(journal.replay("p").payloads()).isEqualTo(payloads("p", 4, 5));
    assertThat(journal.replay("p", 2, 4, Long.MAX_VALUE).payloads()).isEqualTo(payloads("p", 4, 4));
    assertThat(journal.replay("p").highest()).isEqualTo(5);
    journal.delete("p", 2);
    assertThat(journal.replay("p").payloads()).isEqualTo(payloads("p", 4, 5));
    journal.delete("p", Long.MAX_VALUE);
    assertThat(journal.replay("p").payloads()).isEmpty();
    journal.delete("never-written", 7);
    journal.close();

    JournalClient again = open();
    assertThat(again.replay("p").highest()).isEqualTo(5);
    assertThat(again.replay("never-written").highest()).isZero();
    again.fill("p", 6, 7);
    assertThat(again.replay("p").payloads()).isEqualTo(payloads("p", 6, 7));
  }

  @Test
  void replaysARangeOnBothSidesOfADeletion() {
    JournalClient journal = open();
    journal.fill("p", 1, 10);
    journal.delete("p", 4);

    assertThat(journal.replay("p", 1, 4, Long.MAX_VALUE).payloads()).isEmpty();
    assertThat(journal.replay("p", 1, 6, Long.MAX_VALUE).payloads()).isEqualTo(payloads("p", 5, 6));
    // What is deleted does not count for the most that is asked for.
    assertThat(journal.replay("p", 1, Long.MAX_VALUE, 3).payloads()).isEqualTo(payloads("p", 5, 7));
    assertThat(journal.replay("p", 5, 8, 2).payloads()).isEqualTo(payloads("p", 5, 6));
    assertThat(journal.replay("p", 9, 100, 100).payloads()).isEqualTo(payloads("p", 9, 10));
    assertThat(journal.replay("p", 11, 100, 100).payloads()).isEmpty();
    for (long to = 5; to <= 10; to++) {
      journal.delete("p", to);
      assertThat(journal.replay("p", 1, Long.MAX_VALUE, 0).highest()).isEqualTo(10);
    }
    assertThat(journal.replay("p").payloads()).isEmpty();
    assertThat(journal.write(atomic("p", 10, "again")).failure()).isNotNull();
    journal.fill("p", 11, 11);
  }

  @Test
  void aRefusedWriteFailsAndARejectedOneDoesNot() {
    JournalClient journal = open();
    journal.fill("p", 1, 1);
    Sent refused = journal.send(atomic("p", 1, "again"));
    Sent rejected = journal.send(atomic("p", 2, new Object()));
    Sent written = journal.send(atomic("p", 3, "three"), atomic("p", 4, "four", "five"));

    assertThat(refused.outcome().failure()).isNotNull();
    assertThat(rejected.outcome().outcomes()).singleElement().asString().contains("rejected");
    assertThat(written.outcome().isDone()).isTrue();
    assertThat(journal.replay("p").payloads()).containsExactly("p-1", "three", "four", "five");
    assertThat(journal.replay("p").highest()).isEqualTo(5);
  }

  @Test
  void writesAnAtomicBatchWhollyOrNotAtAll() {
    JournalClient journal = open();
    assertThat(journal.write(atomic("p", 1, "a", "b", "c")).isDone()).isTrue();

    Written rejected = journal.write(atomic("p", 4, "d", new Object(), "f"));
    assertThat(rejected.failure()).isNull();
    assertThat(rejected.outcomes()).hasSize(3).allMatch(o -> o.startsWith("rejected"));
    assertThat(journal.replay("p").payloads()).containsExactly("a", "b", "c");
    assertThat(journal.replay("p").highest()).isEqualTo(6);

    assertThat(journal.write(atomic("p", 7, "g")).isDone()).isTrue();
    assertThat(journal.replay("p").payloads()).containsExactly("a", "b", "c", "g");
  }

  @Test
  void rejectsWhatCannotBeSerializedAndWritesTheRest() {
    JournalClient journal = open();
    Written written =
        journal.write(atomic("p", 1, "one"), atomic("p", 2, new Object()), atomic("p", 3, "three"));

    assertThat(written.failure()).isNull();
    assertThat(written.outcomes().get(0)).isEqualTo("ok");
    assertThat(written.outcomes().get(1)).contains("rejected", "NotSerializable");
    assertThat(written.outcomes().get(2)).isEqualTo("ok");
    assertThat(journal.replay("p").payloads()).containsExactly("one", "three");
    assertThat(journal.replay("p", 1, Long.MAX_VALUE, 2).payloads())
        .containsExactly("one", "three");
  }

  @Test
  void refusesANumberThatIsNotTheNext() {
    JournalClient journal = open();
    journal.fill("p", 1, 3);

    for (long wrong : List.of(3L, 5L)) {
      Written refused = journal.write(atomic("p", wrong, "again"));
      assertThat(refused.failure()).isNotNull();
      assertThat(refused.failure()).hasMessageContaining("'p'").hasMessageContaining("next number");
    }
    assertThat(journal.write(atomic("new", 2, "x")).failure()).isNotNull();
    assertThat(journal.replay("p").payloads()).isEqualTo(payloads("p", 1, 3));
    journal.fill("p", 4, 4);
  }

  @Test
  void ofManyWhoWriteTheSameNumberAtOnceOneIsDoneAndNobodyElseIsDisturbed() {
    JournalClient journal = open();
    List<Sent> rivals = new ArrayList<>();
    List<Sent> others = new ArrayList<>();
    // Fewer than would open the circuit breaker.
    for (int i = 0; i < 8; i++) {
      rivals.add(journal.send(atomic("p", 1, "w" + i)));
      others.add(journal.send(atomic("other-" + i, 1, "o")));
    }
    assertThat(rivals.stream().map(Sent::outcome).filter(Written::isDone)).hasSize(1);
    assertThat(others.stream().map(Sent::outcome)).allMatch(Written::isDone);
    assertThat(journal.replay("p").payloads()).hasSize(1);
  }

  @Test
  void takesWritesOfManyIdsAtOnce() {
    int ids = 200;
    int each = 10;
    JournalClient journal = open();
    for (int n = 1; n <= each; n++) {
      List<Sent> sent = new ArrayList<>();
      for (int id = 0; id < ids; id++) {
        sent.add(journal.send(atomic("id-" + id, n, "id-" + id + "-" + n)));
      }
      assertThat(sent.stream().map(Sent::outcome)).allMatch(Written::isDone);
    }
    journal.close();

    JournalClient again = open();
    for (int id = 0; id < ids; id++) {
      assertThat(again.replay("id-" + id).payloads()).isEqualTo(payloads("id-" + id, 1, each));
    }
  }

  @Test
  void storesLargeBatchesAndLargeEventsAndRejectsTooLargeOnes() {
    JournalClient journal = open();
    Object[] many = payloads("p", 1, 2500).toArray();
    assertThat(journal.write(atomic("p", 1, many)).isDone()).isTrue();
    assertThat(journal.replay("p").payloads()).containsExactly(many);
    journal.delete("p", 2400);

    String large = "x".repeat(9 << 20);
    assertThat(journal.write(atomic("p", 2501, large)).isDone()).isTrue();
    assertThat(journal.write(atomic("p", 2502, large + "y")).isDone()).isTrue();
    Written tooLarge = journal.write(atomic("p", 2503, "x".repeat((16 << 20) + 1)));
    assertThat(tooLarge.outcomes()).singleElement().asString().contains("max-event-bytes");
    journal.close();

    List<Object> left = open().replay("p").payloads();
    assertThat(left).hasSize(102).startsWith("p-2401").endsWith(large, large + "y");
  }

  @Test
  void keepsEventsWithTags() {
    JournalClient journal = open();
    journal.write(atomic("p", 1, JournalClient.tagged("one", "red")));
    assertThat(journal.replay("p").payloads()).containsExactly("one");
  }

  @Test
  void ordinaryTextSurvivesWhateverItHolds() {
    JournalClient journal = open();
    Set<String> texts = Set.of("", "\0", "'; DROP TABLE event_journal; --", "\uD83D\uDE80 ä €");
    long n = 0;
    for (String text : texts) {
      assertThat(journal.write(atomic("p", ++n, text)).isDone()).isTrue();
    }
    assertThat(journal.replay("p").payloads()).hasSize(4).hasSameElementsAs(texts);
  }
}
