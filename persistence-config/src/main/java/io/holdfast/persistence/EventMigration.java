package io.holdfast.persistence;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Makes of an event as one version stored it what the next version would have stored. It is named
 * in {@code holdfast.journal.migrations} under the version that it reads, and has a constructor
 * without parameters. A pure function; once released it stays for ever.
 */
public interface EventMigration {
  /**
   * The event as the next version has it; {@code stored} may be changed and returned.
   *
   * @throws IllegalArgumentException when it is no such event
   */
  ObjectNode next(ObjectNode stored);
}
