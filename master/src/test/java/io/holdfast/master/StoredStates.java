package io.holdfast.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalSerializer;
import java.io.NotSerializableException;

/** Writes and reads the states of a test as a snapshot does. */
public final class StoredStates {
  private static final JournalSerializer SERIALIZER =
      new JournalSerializer(ConfigFactory.load(), StoredStates.class.getClassLoader());

  private int seen;

  /**
   * The next state of a test, as it comes back: the first ones, then ever fewer, so that a test of
   * thousands stays quick.
   */
  public <S> S next(S state) {
    seen++;
    return seen <= 10 || Integer.bitCount(seen) == 1 ? stored(state) : state;
  }

  /** A state that comes back from a snapshot is what it was, also in the order of what it holds. */
  public static <S> S stored(S state) {
    byte[] bytes = SERIALIZER.toBinary(state);
    try {
      @SuppressWarnings("unchecked")
      S read = (S) SERIALIZER.fromBinary(bytes, SERIALIZER.manifest(state));
      assertThat(read).isEqualTo(state);
      assertThat(SERIALIZER.toBinary(read)).isEqualTo(bytes);
      return read;
    } catch (NotSerializableException e) {
      throw new AssertionError(e);
    }
  }
}
