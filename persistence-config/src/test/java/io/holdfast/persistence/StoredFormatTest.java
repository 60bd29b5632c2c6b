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
    Path file = Path.of("src/test/resources/golden", name);
    if (!Files.exists(file) && Boolean.getBoolean("golden.write")) {
      Files.write(file, now);
    }
    byte[] stored = Files.readAllBytes(file);
    assertThat(now).as("%s: never edit it", file).isEqualTo(stored);
    return stored;
  }

  @Test
  void anEvent() throws Exception {
    byte[] body = HexFormat.of().parseHex(BODY);
    byte[] stored = golden("record.1.bin", StoredRecord.encode(ID, 42, 0x1234L, body));
    StoredRecord record = StoredRecord.decode(ID, 42, stored);
    assertThat(record.previousHash()).isEqualTo(0x1234L);
    EventCodec.Body event = EventCodec.parse(record.body()).orElseThrow();
    assertThat(event.timestamp()).isEqualTo(1_700_000_000_000L);
    assertThat(event.writer()).isEqualTo("writer-1");
    assertThat(event.serializerId()).isEqualTo(JournalSerializer.IDENTIFIER);
    assertThat(event.manifest()).isEqualTo("job-xx/11");
    assertThat(new String(event.payload(), StandardCharsets.UTF_8)).isEqualTo("{}");
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
    Head head = new Head(42, 7, 0x1234L, -5L);
    assertThat(Head.decode(ID, golden("head.1.bin", head.encode(ID)))).contains(head);
  }
}
