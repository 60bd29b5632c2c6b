package io.holdfast.persistence.postgres;

import io.holdfast.persistence.JournalException;

/** The database is not as this version needs it; the message says what to do. */
public final class SchemaException extends JournalException {
  private static final long serialVersionUID = 1L;

  SchemaException(String message) {
    super(message);
  }

  SchemaException(String message, Throwable cause) {
    super(message, cause);
  }
}
