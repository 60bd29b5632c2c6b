package io.holdfast.persistence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whose a data directory is, and which one: the file {@code identity} in it. Agents know a master
 * by its name and this id; a directory with another id is another master, whatever is in it.
 *
 * @param kind {@code master} or {@code agent}
 * @param owner its name
 * @param journalId made with the directory
 */
public record DirectoryIdentity(String kind, String owner, String journalId) {
  private static final String FILE = "identity";

  /**
   * Reads it; empty when the directory has none.
   *
   * @throws IOException when it cannot be read
   * @throws JournalException when it is not of the form that is written
   */
  public static Optional<DirectoryIdentity> read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String line = Files.readString(file).trim();
    String[] words = line.split(" ");
    if (words.length != 3) {
      throw new JournalException(
          "the file %s says '%s', and must say 'KIND NAME ID'".formatted(file, line), null);
    }
    return Optional.of(new DirectoryIdentity(words[0], words[1], words[2]));
  }

  /** Makes or replaces it, durably. */
  public void write(Path directory) throws IOException {
    DataDirectory.replace(directory, FILE, toString());
  }

  /** As it stands in the file. */
  @Override
  public String toString() {
    return kind + " " + owner + " " + journalId;
  }
}
