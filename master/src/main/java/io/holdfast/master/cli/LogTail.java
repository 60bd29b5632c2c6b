package io.holdfast.master.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * Copies one stream of one execution while it is written. A broken connection is opened again from
 * the byte where it broke; notices about that are the business of the thread that watches the run,
 * which also says when the execution has ended.
 */
final class LogTail implements Runnable {
  private static final int CHUNK = 16 * 1024;

  private final MasterClient client;
  private final String path;
  private final PrintStream to;
  private final Duration retry;

  private volatile boolean executionEnded;
  private volatile boolean stopped;
  private volatile boolean done;
  private volatile boolean readerGone;
  private volatile long received;
  private volatile long lastNews = System.nanoTime();
  private volatile InputStream open;

  private LogTail(MasterClient client, String path, PrintStream to, Duration retry) {
    this.client = client;
    this.path = path;
    this.to = to;
    this.retry = retry;
  }

  /** Begins to copy {@code stream} of {@code execution}. */
  static LogTail start(
      MasterClient client, String execution, String stream, PrintStream to, Duration retry) {
    LogTail tail = new LogTail(client, path(execution, stream), to, retry);
    Thread thread = new Thread(tail, "logs " + execution + " " + stream);
    thread.setDaemon(true);
    thread.start();
    return tail;
  }

  /** Where an execution's output is, without the query. */
  static String path(String execution, String stream) {
    return "/executions/" + Ref.inPath(execution) + "/logs/" + stream;
  }

  @Override
  public void run() {
    while (!stopped && !done) {
      boolean last = executionEnded;
      try {
        boolean complete = copyOnce();
        done = complete || last;
      } catch (IOException | CliFailure e) {
        // Not there yet, or cut off. Whether it is worth going on the watching thread decides.
      }
      if (!done && !stopped) {
        sleep();
      }
    }
  }

  /** Copies to the end of the answer; whether the master says that this is all there will be. */
  private boolean copyOnce() throws IOException {
    HttpResponse<InputStream> answer = client.open(path + "?offset=" + received + "&follow=true");
    boolean complete =
        answer.headers().firstValue("X-Holdfast-Complete").filter("true"::equals).isPresent();
    try (InputStream body = answer.body()) {
      open = body;
      byte[] chunk = new byte[CHUNK];
      for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
        if (stopped) {
          return false;
        }
        to.write(chunk, 0, n);
        to.flush();
        received += n;
        lastNews = System.nanoTime();
        if (to.checkError()) {
          readerGone = true;
          stopped = true;
        }
      }
    } finally {
      open = null;
    }
    return complete;
  }

  private void sleep() {
    try {
      Thread.sleep(retry.toMillis());
    } catch (InterruptedException e) {
      stopped = true;
    }
  }

  /** Says that no more will be written, so that the next end of the stream is the last. */
  void executionHasEnded() {
    if (!executionEnded) {
      lastNews = System.nanoTime();
      executionEnded = true;
    }
  }

  /** Opens the stream again, because the connection may be dead without anybody having said so. */
  void reconnect() {
    close();
  }

  void stop() {
    stopped = true;
    close();
  }

  private void close() {
    InputStream body = open;
    if (body != null) {
      try {
        body.close();
      } catch (IOException e) {
        // It is given up anyway.
      }
    }
  }

  /** Whether all of it was copied. */
  boolean isDone() {
    return done;
  }

  /** Whether nobody reads what is written any more ({@code holdfast logs -f … | head}). */
  boolean isReaderGone() {
    return readerGone;
  }

  /** How long nothing came. */
  Duration idle() {
    return Duration.ofNanos(System.nanoTime() - lastNews);
  }
}
