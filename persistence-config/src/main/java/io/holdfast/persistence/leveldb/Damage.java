package io.holdfast.persistence.leveldb;

import java.nio.file.Path;

/**
 * A place in a file that is not as it was written.
 *
 * @param file the file
 * @param offset where in it, in bytes; what is damaged begins there, or contains it
 * @param what what is wrong with it, as half a sentence
 */
public record Damage(Path file, long offset, String what) {
  /** With the file's name alone, as the directory stands beside it in messages. */
  @Override
  public String toString() {
    return "file " + file.getFileName() + ", byte " + offset + ": " + what;
  }
}
