package io.holdfast.persistence.postgres;

import akka.actor.ActorSystem;
import io.holdfast.persistence.snapshot.SnapshotPlugin;
import io.holdfast.persistence.snapshot.SnapshotSettings;

/**
 * Akka's plugin {@code holdfast.snapshot.postgres}: snapshots of entities whose events are in
 * PostgreSQL, in the table {@code snapshot} beside them. The one of akka-persistence-jdbc would
 * also use a snapshot whose events are gone, and would not notice an altered one.
 */
public final class PostgresSnapshots extends SnapshotPlugin {
  @Override
  protected Parts parts(ActorSystem system, SnapshotSettings settings) {
    PostgresStore store = PostgresStore.get(system);
    return new Parts(new PostgresShelf(store), store::footing);
  }
}
