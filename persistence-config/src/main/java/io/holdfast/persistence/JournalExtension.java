package io.holdfast.persistence;

import akka.actor.AbstractExtensionId;
import akka.actor.ExtendedActorSystem;

/** How Akka keeps one {@link JournalStore} for each actor system. */
final class JournalExtension extends AbstractExtensionId<JournalStore> {
  static final JournalExtension ID = new JournalExtension();

  private JournalExtension() {}

  @Override
  public JournalStore createExtension(ExtendedActorSystem system) {
    return JournalStore.open(system);
  }
}
