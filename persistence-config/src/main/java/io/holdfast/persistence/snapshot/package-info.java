/**
 * Snapshots: states of entities, so that a recovery reads only the events behind them. They are
 * never the only truth. The events stay, and a snapshot that is damaged, that this version cannot
 * read, or that the journal does not bear out is passed over: then the one before it is used, or
 * all events are.
 *
 * <p>The journal bears a snapshot out if it has the very event that the snapshot stands behind:
 * each carries the hash of that event, which is the end of a chain over all events before it. So a
 * snapshot from a history that is gone (a journal that lost its tail, or was restored from a
 * backup) is not used, even after the journal has grown beyond its number again.
 *
 * <p>{@link io.holdfast.persistence.snapshot.SnapshotPlugin} is the actor that Akka knows; {@link
 * io.holdfast.persistence.snapshot.Snapshots} decides; a {@link
 * io.holdfast.persistence.snapshot.SnapshotShelf} stores: files beside the embedded journal, a
 * table in PostgreSQL.
 */
package io.holdfast.persistence.snapshot;
