package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What an entity meets in the place of what is missing. */
class CutAdapterTest {
  private static final Instant AT = Instant.parse("2026-11-28T10:00:00Z");
  private final CutAdapter<String> adapter =
      new CutAdapter<>(String.class, cut -> "cut at " + cut.readableTo());

  @Test
  void aCutBecomesTheEntitysOwnEventAndNothingElseChanges() {
    assertThat(adapter.toJournal("event")).isEqualTo("event");
    assertThat(CollectionConverters.asJava(adapter.fromJournal("event", "").events()))
        .containsExactly("event");
    assertThat(
            CollectionConverters.asJava(
                adapter.fromJournal(JournalCut.of(6, 10, "damaged", AT), "").events()))
        .containsExactly("cut at 6");
    assertThatThrownBy(() -> adapter.fromJournal(17, "")).isInstanceOf(ClassCastException.class);
  }

  @Test
  void aCutHasANumberAboveAllThatWereGiven() {
    assertThat(JournalCut.of(6, 10, "damaged", AT).number()).isGreaterThan(10);
    assertThat(JournalCut.of(12, 0, "damaged", AT).number()).isGreaterThan(12);
    assertThatThrownBy(() -> new JournalCut(10, 6, 10, "damaged", AT))
        .hasMessageContaining("a cut behind event 6, of 10, has the number 10");
  }

  @Test
  void p5WhatIsStoredIsReadForEver() throws Exception {
    String stored =
        "{\"number\":1099511627786,\"readableTo\":6,\"highestKnown\":10,\"what\":\"damaged\","
            + "\"at\":\"2026-11-28T10:00:00Z\",\"of-tomorrow\":1}";
    assertThat(
            JournalJson.mapper()
                .readValue(stored.getBytes(StandardCharsets.UTF_8), JournalCut.class))
        .isEqualTo(JournalCut.of(6, 10, "damaged", AT));
  }
}
