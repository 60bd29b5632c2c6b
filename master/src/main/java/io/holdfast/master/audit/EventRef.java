package io.holdfast.master.audit;

/**
 * Where an event is.
 *
 * @param source the number of its journal
 */
record EventRef(int source, String persistenceId, long number) {}
