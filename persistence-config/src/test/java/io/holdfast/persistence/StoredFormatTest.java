package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.Actor;
import akka.persistence.PersistentRepr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** What lies in the store of a journal is read for ever, byte by byte. */
class StoredFormatTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String ID = "job|nightly";

  /** An event's body as the first version wrote it: see {@link EventCodec#parse}. */
  private static final String BODY =
      "00"
          + "0000018bcfe56800"
          + "0008"
          + "7772697465722d31"
          + "0000"
          + "00075375"
          + "0009"
          + "6a6f622d78782f3131"
          + "0001"
          + "0003"
          + "746167"
          + "00000002"
          + "7b7d";

  private static byte[] golden(String name, byte[] now) throws IOException {
    Path file = GOLDEN.resolve(name);
    if (!Files.exists(file) && Boolean.getBoolean("golden.write")) {
      Files.write(file, now);
    }
    byte[] stored = Files.readAllBytes(file);
    assertThat(now).as("%s: never edit it", file).isEqualTo(stored);
    return stored;
  }

  private static byte[] body() {
    return HexFormat.of().parseHex(BODY);
  }

  private static StoredRecord read(long number, byte[] stored) throws Exception {
    StoredRecord record = StoredRecord.decode(ID, number, stored);
    assertThat(record.sequenceNr()).isEqualTo(number);
    assertThat(record.previousHash()).isEqualTo(0x1234L);
    assertThat(record.hash()).isEqualTo(StoredRecord.hash(ID, stored));
    EventCodec.Body event = EventCodec.parse(record.body()).orElseThrow();
    assertThat(event.timestamp()).isEqualTo(1_700_000_000_000L);
    assertThat(event.writer()).isEqualTo("writer-1");
    assertThat(event.serializerId()).isEqualTo(JournalSerializer.IDENTIFIER);
    assertThat(event.manifest()).isEqualTo("job-xx/11");
    assertThat(event.tags()).containsExactly("tag");
    assertThat(new String(event.payload(), StandardCharsets.UTF_8)).isEqualTo("{}");
    assertThat(EventCodec.write(event)).isEqualTo(body());
    return record;
  }

  @Test
  void anEventFromBeforeThereWerePositions() throws Exception {
    StoredRecord record = read(42, Files.readAllBytes(GOLDEN.resolve("record.1.bin")));
    assertThat(record.isWithoutPosition()).isTrue();
    assertThat(record.position()).isZero();
    assertThat(record.follows()).isEqualTo(41);
  }

  @Test
  void anEvent() throws Exception {
    StoredRecord record =
        read(42, golden("record.2.bin", StoredRecord.encode(ID, 42, 0x1234L, 99, body())));
    assertThat(record.isWithoutPosition()).isFalse();
    assertThat(record.position()).isEqualTo(99);
    assertThat(record.follows()).isEqualTo(41);
  }

  @Test
  void aCut() throws Exception {
    long number = 42 + JournalCut.MARGIN;
    StoredRecord record =
        read(
            number,
            golden("record.3.bin", StoredRecord.encodeCut(ID, number, 42, 0x1234L, 99, body())));
    assertThat(record.isWithoutPosition()).isFalse();
    assertThat(record.position()).isEqualTo(99);
    assertThat(record.follows()).isEqualTo(42);
  }

  @Test
  void anEventThatWasRejected() throws Exception {
    PersistentRepr repr =
        PersistentRepr.apply("x", 7, ID, "", false, Actor.noSender(), "writer-1")
            .withTimestamp(1_700_000_000_000L);
    byte[] stored = golden("rejected.1.bin", EventCodec.rejected(repr, new Exception("why")));
    assertThat(EventCodec.parse(ByteBuffer.wrap(stored))).isEmpty();
  }

  @Test
  void aHead() throws Exception {
    Head head = new Head(42, 7, 0x1234L, -5L, 0, 0);
    assertThat(Head.decode(ID, golden("head.1.bin", head.encode(ID)))).contains(head);
    Head placed = head.placed(20, 1000);
    assertThat(placed.encode(ID)).as("beside it").isEqualTo(head.encode(ID));
    byte[] beside = golden("placed.1.bin", placed.encodePlaced(ID));
    assertThat(head.withPlaced(ID, beside)).contains(placed);
  }
}
