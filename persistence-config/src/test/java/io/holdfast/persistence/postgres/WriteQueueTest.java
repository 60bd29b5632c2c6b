package io.holdfast.persistence.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalBusyException;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.postgres.WriteRequest.Append;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** R14: what waits for the writer is bounded, and who is turned away is told at once. */
class WriteQueueTest {
  private static final String SECTION = PostgresSettings.SECTION + ".";

  private static WriteQueue queue(int writes, long bytes) {
    Config bounds =
        ConfigFactory.parseMap(
            Map.of(SECTION + "max-waiting-writes", writes, SECTION + "max-waiting-bytes", bytes));
    return new WriteQueue(
        PostgresSettings.of(bounds.withFallback(ConfigFactory.defaultReference())));
  }

  private static Append append(WriteQueue queue, String id, long bytes) {
    Append append = new Append(id, 1, 1, List.of(), bytes, List.of(), new CompletableFuture<>());
    queue.put(append);
    return append;
  }

  private static Throwable refusal(Append append) {
    return append.done().isDone()
        ? append.done().handle((done, why) -> why).join()
        : new AssertionError(append.id() + " waits");
  }

  private static Set<String> ids(List<WriteRequest> taken) {
    return taken.stream().map(WriteRequest::id).collect(Collectors.toSet());
  }

  @Test
  void R14_oneMoreThanMayWaitIsTurnedAwayAndNamesTheSetting() throws InterruptedException {
    WriteQueue queue = queue(2, 1_000);
    append(queue, "a", 1);
    append(queue, "b", 1);
    assertThat(refusal(append(queue, "c", 1)))
        .isInstanceOf(JournalBusyException.class)
        .hasMessageContaining("max-waiting-writes is 2");
    assertThat(ids(queue.take())).containsExactlyInAnyOrder("a", "b");
    assertThat(append(queue, "c", 1).done()).as("there is room again").isNotDone();
  }

  @Test
  void R14_bytesAreBoundedTooButOneLargeWriteMayAlwaysWait() throws InterruptedException {
    WriteQueue queue = queue(100, 10);
    assertThat(append(queue, "large", 50).done()).isNotDone();
    assertThat(refusal(append(queue, "a", 1)))
        .isInstanceOf(JournalBusyException.class)
        .hasMessageContaining("max-waiting-bytes is 10");
    assertThat(ids(queue.take())).containsExactly("large");
    assertThat(append(queue, "a", 10).done()).isNotDone();
    assertThat(refusal(append(queue, "b", 1))).isInstanceOf(JournalBusyException.class);
  }

  @Test
  void R14_whatWaitsWhenItIsClosedFails() {
    WriteQueue queue = queue(10, 1_000);
    Append waiting = append(queue, "a", 1);
    queue.close();
    assertThat(refusal(append(queue, "b", 1))).isInstanceOf(JournalUnavailableException.class);
    assertThat(refusal(waiting)).isInstanceOf(JournalUnavailableException.class);
  }
}
