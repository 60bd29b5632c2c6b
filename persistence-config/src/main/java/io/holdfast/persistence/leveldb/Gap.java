package io.holdfast.persistence.leveldb;

/**
 * What a damage costs.
 *
 * @param damage where it is
 * @param keys any of these may be missing, or have an older value than was written
 */
public record Gap(Damage damage, Range keys) {}
