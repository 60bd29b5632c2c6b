package io.holdfast.persistence.audit;

/**
 * An empty store that a journal is brought into: all of it, or nothing. For one thread.
 *
 * <p>First all ids are told, then what was set aside, then the events: those of one id in the order
 * of their numbers.
 */
public interface ImportTarget extends AutoCloseable {
  /** A persistence id. */
  void id(StoredId id);

  /** A persistence id that a repair has set aside. */
  void setAside(String id, long readableTo);

  /** An event of an id that was told. Between it and the one before it numbers may be missing. */
  void event(StoredEvent event);

  /** That was all, and it was checked: from now on it is there. */
  void commit();

  /** Lets go of the store; without a commit it is as empty as before. */
  @Override
  void close();
}
