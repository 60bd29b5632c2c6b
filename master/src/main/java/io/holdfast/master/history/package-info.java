/**
 * The history: all runs, executions and agents that the journal tells of, in tables that can be
 * searched. It is made from the journal's events alone, and is never the truth: it may be thrown
 * away at any time, and comes again.
 *
 * <ul>
 *   <li>{@link io.holdfast.master.history.HistoryRules} says what an event changes, {@link
 *       io.holdfast.master.history.HistoryRows} changes it.
 *   <li>There are two streams, one for each tag ({@link io.holdfast.master.history.HistoryStream}).
 *       They run side by side, so no table is written by both.
 *   <li>What a group of events changes, the place of its last event in the journal and the
 *       projection's offset are written in one transaction: after a crash nothing is missing and
 *       nothing is there twice.
 *   <li>{@link io.holdfast.master.history.HistoryKeeper} opens the database, runs the projections,
 *       and throws the rows away when they cannot be right: made by another version, from another
 *       journal, or in a file that is damaged.
 *   <li>{@link io.holdfast.master.history.HistorySearch} reads.
 * </ul>
 *
 * <p>Nothing of this is needed by the master to decide, and no failure here disturbs it.
 */
package io.holdfast.master.history;
