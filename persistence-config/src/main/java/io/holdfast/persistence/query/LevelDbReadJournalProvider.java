package io.holdfast.persistence.query;

import akka.actor.ExtendedActorSystem;
import akka.persistence.query.ReadJournalProvider;
import com.typesafe.config.Config;

/** How Akka makes the queries, for Java and for Scala; named in {@code reference.conf}. */
public final class LevelDbReadJournalProvider implements ReadJournalProvider {
  private final LevelDbReadJournal journal;

  /**
   * For Akka.
   *
   * @param section the settings of the plugin
   */
  public LevelDbReadJournalProvider(ExtendedActorSystem system, Config section) {
    journal = new LevelDbReadJournal(system, QuerySettings.of(section));
  }

  @Override
  public akka.persistence.query.javadsl.ReadJournal javadslReadJournal() {
    return journal;
  }

  @Override
  public akka.persistence.query.scaladsl.ReadJournal scaladslReadJournal() {
    return new LevelDbScalaReadJournal(journal);
  }
}
