package io.holdfast.master.cli;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import javax.net.ssl.SSLHandshakeException;

/**
 * The command cannot be done. The message is for the person at the terminal: what was wrong and
 * what to do, in one or two lines. The exit code is always 2.
 */
class CliFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CliFailure(String message) {
    super(message);
  }

  CliFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /** No answer, or one that says to try again: the same request may succeed later. */
  static final class NoContact extends CliFailure {
    private static final long serialVersionUID = 1L;

    private final String why;

    /**
     * A failed attempt.
     *
     * @param why the short reason, for a notice: {@code connection refused}
     */
    NoContact(String message, String why, Throwable cause) {
      super(message, cause);
      this.why = why;
    }

    /**
     * Whether the master may have got the request, and only its answer was lost. Not when there was
     * no connection at all.
     */
    boolean mayHaveArrived() {
      return !(getCause() instanceof ConnectException)
          && !(getCause() instanceof HttpConnectTimeoutException)
          && !(getCause() instanceof SSLHandshakeException);
    }

    String why() {
      return why;
    }
  }
}
