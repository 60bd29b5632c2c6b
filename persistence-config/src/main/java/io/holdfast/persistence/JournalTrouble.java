package io.holdfast.persistence;

/**
 * Why a journal takes nothing at the moment.
 *
 * @param why for people, with what to do where that is known
 * @param isFull whether room is what is missing
 */
public record JournalTrouble(String why, boolean isFull) {}
