/**
 * The embedded journal: an Akka persistence plugin over LevelDB, the serializer of its events, and
 * what queries read.
 *
 * <p>The way of a write: {@link io.holdfast.persistence.LevelDbJournal} (the plugin's actor)
 * serializes the events and puts them into the bounded {@link io.holdfast.persistence.CommitQueue};
 * the one thread of {@link io.holdfast.persistence.GroupCommitter} takes everything that waits
 * there, checks the sequence numbers, commits it in one synced LevelDB batch and completes the
 * callers' futures. The way of a read: {@link io.holdfast.persistence.JournalReader}, and {@link
 * io.holdfast.persistence.TagReader} for queries by tag, on a few threads of their own. Queries are
 * in {@code io.holdfast.persistence.query}; {@link io.holdfast.persistence.CommitNews} tells live
 * ones that there is more.
 *
 * <p>What is on disk (see {@link io.holdfast.persistence.JournalKeys}):
 *
 * <ul>
 *   <li>for each event a record with its sequence number, its position in the order of all events,
 *       a checksum and the hash of its predecessor;
 *   <li>for each persistence id a head: the highest number, how far it is deleted, the hashes at
 *       both ends. It is written in the same batch as the events, so events missing at the end of
 *       an id are noticed too;
 *   <li>for each tag of an event an {@link io.holdfast.persistence.IndexEntry}, linked to the one
 *       before it, and for each tag where these end;
 *   <li>for each commit a mark in a ring of marks. LevelDB opens a log with a damaged block without
 *       an error and forgets what stood in it; the missing mark tells.
 * </ul>
 *
 * <p>Beside LevelDB's files lies {@link io.holdfast.persistence.HighWater}. A small commit is
 * durable when it is there, and {@link io.holdfast.persistence.CarriedCommits} hands it to LevelDB
 * later; of a large one it has the number, by which the loss of the very last commits is noticed.
 * And before LevelDB opens its files, which changes and deletes some, {@link
 * io.holdfast.persistence.JournalFiles} reads them without it and names what is damaged by file and
 * byte. The same reading, over all events, is {@link io.holdfast.persistence.JournalCheck}; {@link
 * io.holdfast.persistence.JournalRepair} copies what is whole into a new journal, and puts a {@link
 * io.holdfast.persistence.JournalCut} where an id's events are missing. The numbers of an id may
 * jump over such an event, and nowhere else.
 *
 * <p>What cannot be noticed: that the power fails right after a large commit was acknowledged, and
 * both the end of LevelDB's log and the newest entry of the high-water mark, which is forced to
 * disk meanwhile, are lost.
 */
package io.holdfast.persistence;
