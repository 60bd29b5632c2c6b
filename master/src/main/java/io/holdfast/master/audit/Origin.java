package io.holdfast.master.audit;

import io.holdfast.persistence.DirectoryIdentity;
import java.util.Optional;

/**
 * Which journal an event is from.
 *
 * @param number of the source, in the order in which they were named
 * @param place its directory or database
 * @param owner whose it is, where that is known
 */
public record Origin(int number, String place, Optional<DirectoryIdentity> owner) {
  /** The agent whose journal it is. */
  public Optional<String> agent() {
    return owner.filter(o -> o.kind().equals("agent")).map(DirectoryIdentity::owner);
  }

  /** The master whose journal it is. */
  public Optional<DirectoryIdentity> master() {
    return owner.filter(o -> o.kind().equals("master"));
  }

  /** {@code agent-1}, {@code main}, or the place of who has no name. */
  @Override
  public String toString() {
    return owner.map(DirectoryIdentity::owner).orElse(place);
  }
}
