/**
 * Queries over the embedded journal, as Akka Persistence Query knows them: the plugin {@value
 * io.holdfast.persistence.query.LevelDbReadJournal#IDENTIFIER}. For a journal in PostgreSQL there
 * is {@code jdbc-read-journal}, of akka-persistence-jdbc; both hold to one contract.
 *
 * <p>A query reads pages from the store, each when the one before it has been taken. A live one is
 * told by the committing thread that there is more, and reads again: so there is no hole and no
 * repetition between what is stored and what is live, and nothing piles up for a slow reader.
 */
package io.holdfast.persistence.query;
