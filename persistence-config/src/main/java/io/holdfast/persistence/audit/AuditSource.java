package io.holdfast.persistence.audit;

import io.holdfast.persistence.DirectoryIdentity;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A journal that is read and never written. What it hands over is of one moment. For one thread.
 *
 * <p>Errors: every method throws a {@link io.holdfast.persistence.JournalException} when the
 * journal cannot be read at all; what is damaged in it is told to the {@link Visitor}.
 */
public interface AuditSource extends AutoCloseable {
  /** How it is named to people. */
  String name();

  /** Whose data directory it is in, where that is known. */
  Optional<DirectoryIdentity> owner();

  /** How many events there are, as the heads of the ids say. */
  long events();

  /** The first persistence id that begins with {@code prefix}, deleted ones too. */
  Optional<String> firstId(String prefix);

  /** The ids that an earlier repair has set aside, and up to which number they could be read. */
  Map<String, Long> setAside();

  /**
   * Hands over all that is there, in the order of the bytes of the ids, and of one id in the order
   * of its numbers. What is behind a damaged event comes too, as far as it can be read. May be
   * called again.
   *
   * @param wanted which ids; of the others nothing is told
   */
  void read(Predicate<String> wanted, Visitor visitor);

  /** Lets go of it. */
  @Override
  void close();

  /** Takes what is handed over; each method does nothing unless it says otherwise. */
  interface Visitor {
    /** A persistence id begins; its events follow. */
    default void begin(StoredId id) {}

    /** The next event of the id. */
    default void event(StoredEvent event) {}

    /** The id has ended. */
    default void end(StoredId id) {}

    /**
     * Something is not as it was written: the first event of each id, those that the store does not
     * find by their tag any more, and those of the store.
     */
    default void fault(ChainFault fault) {}
  }
}
