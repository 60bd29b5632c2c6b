/**
 * The journal in PostgreSQL: akka-persistence-jdbc with an access to its tables of our own.
 *
 * <p>The way of a write: akka-persistence-jdbc's journal actor calls {@link
 * io.holdfast.persistence.postgres.PostgresJournalDao}, which serializes and puts it into a bounded
 * queue; the one thread of {@link io.holdfast.persistence.postgres.PostgresWriter} commits
 * everything that waits in one transaction. The way of a replay: {@link
 * io.holdfast.persistence.postgres.JournalReader}, which verifies each event against its
 * predecessor, on a few threads. Queries by tag are akka-persistence-jdbc's own, over the same
 * tables and the same pool. Snapshots: {@link io.holdfast.persistence.postgres.PostgresShelf}.
 *
 * <p>What is in the database: {@code event_journal} with each event, its hash and its
 * predecessor's; {@code journal_head} with what is known of each persistence id, written in the
 * transaction of its events; {@code holdfast_schema} with the steps that made the schema.
 */
package io.holdfast.persistence.postgres;
