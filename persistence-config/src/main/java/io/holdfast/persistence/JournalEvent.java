package io.holdfast.persistence;

/**
 * Marks an event that {@link JournalSerializer} writes. Events of modules that know nothing of this
 * one are bound by their own interface instead, under {@code akka.actor.serialization-bindings}.
 * Either way each event's class needs a name under {@code holdfast.journal.events}.
 */
public interface JournalEvent {}
