package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;

import akka.persistence.AtomicWrite;
import akka.persistence.journal.Tagged;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A process that writes to several ids at once, and prints each number after it was acknowledged,
 * until it is killed.
 */
final class KilledWriter {
  static final int IDS = 8;

  /** What is printed before the journal is opened. */
  static final String OPENING = "opening";

  /** Each so many events of an id, one has this tag, ... */
  static final String TAG = "tenth";

  private static final int TAGGED_EACH = 10;

  /** ... one is larger than an entry of {@link HighWater} has room for, ... */
  private static final int LARGE_EACH = 7;

  private static final int LARGE_BYTES = 128 * 1024;

  /** ... and what is older than the last few is deleted. */
  private static final int DELETE_EACH = 20;

  private static final int KEPT = 10;

  private KilledWriter() {}

  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    JournalFixture fixture = new JournalFixture();
    out.println(OPENING);
    JournalStore journal = fixture.open(Path.of(arguments[0]), Flavour.valueOf(arguments[1]));
    for (int i = 0; i < IDS; i++) {
      String id = "id-" + i;
      new Thread(() -> writeForEver(journal, id, out)).start();
    }
  }

  private static void writeForEver(JournalStore journal, String id, PrintStream out) {
    for (long n = await(journal.highestSequenceNr(id)) + 1; ; n++) {
      await(journal.write(List.of(written(id, n))));
      out.println(id + " wrote " + n);
      if (n % DELETE_EACH == 0) {
        await(journal.delete(id, n - KEPT));
        out.println(id + " deleted " + (n - KEPT));
      }
    }
  }

  private static AtomicWrite written(String id, long n) {
    String payload = payload(id, n);
    return event(id, n, isTagged(n) ? new Tagged(payload, Set.of(TAG)) : payload);
  }

  static String payload(String id, long n) {
    return id + "-" + n + (isLarge(n) ? " " + "x".repeat(LARGE_BYTES) : "");
  }

  static boolean isLarge(long n) {
    return n % LARGE_EACH == 0;
  }

  static boolean isTagged(long n) {
    return n % TAGGED_EACH == 0;
  }

  /** Whether events are ever deleted up to this number. */
  static boolean isDeletedTo(long n) {
    return n == 0 || n % DELETE_EACH == DELETE_EACH - KEPT;
  }
}
