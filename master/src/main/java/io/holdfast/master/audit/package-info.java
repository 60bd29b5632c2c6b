/**
 * What journals say, for people: each event in words, what ran where at a past moment, and whether
 * the promises P1 and P2 were kept. Nothing of it needs a master that runs.
 *
 * <p>{@link io.holdfast.master.audit.Seen} is an event of some journal. {@link
 * io.holdfast.master.audit.Teller} puts it into words. {@link io.holdfast.master.audit.Verifier}
 * goes through whole journals, with one small state machine for each job, link and task; {@link
 * io.holdfast.master.audit.Across} compares what both sides of an execution say. None of them reads
 * a file or a clock: journals come through {@link io.holdfast.persistence.audit.AuditSource}.
 */
package io.holdfast.master.audit;
