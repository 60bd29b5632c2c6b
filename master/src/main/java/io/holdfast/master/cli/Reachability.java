package io.holdfast.master.cli;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Why a request got no answer, in the words of a person; the JDK often says just {@code null}. */
final class Reachability {
  private Reachability() {}

  static String explain(Throwable thrown) {
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      if (e instanceof UnresolvedAddressException || e instanceof UnknownHostException) {
        return "the host name is not known";
      }
      if (e instanceof SSLException) {
        return "TLS failed: " + Text.clean(String.valueOf(e.getMessage()));
      }
    }
    String message = thrown.getMessage();
    if (thrown instanceof HttpConnectTimeoutException) {
      return "no connection within 5 seconds";
    }
    if (thrown instanceof HttpTimeoutException || thrown instanceof TimeoutException) {
      return "no answer in time";
    }
    if (thrown instanceof ConnectException) {
      boolean plain = message == null || message.startsWith("Connection refused");
      return plain ? "connection refused" : Text.clean(message).toLowerCase(Locale.ROOT);
    }
    if (message == null || thrown instanceof ClosedChannelException || isCutOff(message)) {
      return "the connection was closed without an answer";
    }
    return Text.clean(message);
  }

  private static boolean isCutOff(String message) {
    return message.contains("received no bytes")
        || message.contains("EOF reached while reading")
        || message.contains("Connection reset");
  }
}
