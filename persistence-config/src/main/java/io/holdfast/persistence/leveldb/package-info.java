/**
 * Reads the files of a LevelDB without LevelDB: what it would change, delete or pass over when it
 * opens damaged files is seen before, and named by file and byte. Nothing here writes.
 *
 * <p>{@link io.holdfast.persistence.leveldb.LevelDbFiles} is the way in. It knows nothing of what
 * the keys and values mean.
 */
package io.holdfast.persistence.leveldb;
