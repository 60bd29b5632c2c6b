/**
 * Reading a journal from outside, whichever store it is in: for people who want to know what
 * happened, and to bring it somewhere else.
 *
 * <p>A {@link io.holdfast.persistence.audit.AuditSource} hands over what a journal holds, one
 * persistence id after the other, each event checked against its predecessor, and never writes to
 * it. {@link io.holdfast.persistence.audit.EventReader} makes objects of the events. {@link
 * io.holdfast.persistence.audit.TimeSort} brings the events of several ids and journals into the
 * order of time. {@link io.holdfast.persistence.audit.JournalExport} and {@link
 * io.holdfast.persistence.audit.JournalImport} write and read a file of lines of JSON.
 *
 * <p>Memory does not grow with the number of events; what waits to be sorted is in temporary files.
 */
package io.holdfast.persistence.audit;
