package io.holdfast.master.history;

import com.typesafe.config.Config;
import io.holdfast.persistence.postgres.PostgresJournal;
import java.util.Optional;

/**
 * The history in the database of the journal; 'holdfast schema apply' makes its tables. It has
 * connections of its own, so that a search cannot take one from the journal. State: none.
 */
record PostgresHistory(Config all) implements HistoryStore {
  @Override
  public String place() {
    return PostgresJournal.place(all);
  }

  @Override
  public HistoryDatabase open() {
    return new HistoryDatabase(
        PostgresJournal.derivedPool(all, "holdfast-history", HistoryDatabase.CONNECTIONS), place());
  }

  @Override
  public Optional<String> refusal() {
    return Optional.empty();
  }

  /** What is damaged there is the journal's too: that is for somebody to look at. */
  @Override
  public boolean isDamage(Throwable failure) {
    return false;
  }

  @Override
  public void setAside(String why) {
    throw new IllegalStateException("a server's tables are not set aside: " + why);
  }
}
