package io.holdfast.persistence;

import java.util.OptionalLong;

/**
 * What a journal knows of one place in the history of a persistence id.
 *
 * @param highest the highest number ever written; 0 for an unknown id
 * @param deletedTo events up to here are deleted
 * @param hash the hash of the event that was asked for, the end of a chain over all before it; none
 *     if there is no such event
 */
public record Footing(long highest, long deletedTo, OptionalLong hash) {}
