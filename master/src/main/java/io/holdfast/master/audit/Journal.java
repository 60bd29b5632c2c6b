package io.holdfast.master.audit;

import io.holdfast.persistence.audit.AuditSource;

/** A journal that is read, and how it is named. */
public record Journal(Origin origin, AuditSource source) {
  /** The {@code number}-th that was named. */
  public static Journal of(int number, AuditSource source) {
    return new Journal(new Origin(number, source.name(), source.owner()), source);
  }
}
