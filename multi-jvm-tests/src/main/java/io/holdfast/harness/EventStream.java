package io.holdfast.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * The server-sent events of a master, read on a thread of its own and kept: {@link #awaitEvent}
 * also finds what came before it was called, so a test need not be quick. The oldest go when more
 * than {@link #EVENTS_MAX} are kept.
 */
public final class EventStream implements AutoCloseable {
  /** How many events are kept. */
  public static final int EVENTS_MAX = 4_096;

  private final InputStream body;
  private final Deque<Event> events = new ArrayDeque<>();
  private long forgotten;
  private String end;

  private EventStream(InputStream body) {
    this.body = body;
  }

  /**
   * One event: {@code job}, {@code run}, {@code execution}, {@code agent}, {@code reconciliation}
   * or {@code ready}.
   */
  public record Event(String kind, String id, JsonNode data) {}

  static EventStream open(HttpClient http, HttpRequest request) {
    try {
      HttpResponse<InputStream> answer =
          http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      if (answer.statusCode() != 200) {
        try (InputStream problem = answer.body()) {
          throw new ApiException(
              "GET " + request.uri(),
              answer.statusCode(),
              MasterClient.parse(problem.readAllBytes()));
        }
      }
      EventStream stream = new EventStream(answer.body());
      Thread thread = new Thread(stream::read, "event-stream");
      thread.setDaemon(true);
      thread.start();
      return stream;
    } catch (IOException e) {
      throw new UncheckedIOException("GET " + request.uri() + ": " + e, e);
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }

  /**
   * The first event kept that is as wanted, or the next one that comes.
   *
   * @throws AssertionError after the timeout, or when the stream has ended without it
   */
  public synchronized Event awaitEvent(Predicate<Event> wanted, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      for (Event event : events) {
        if (wanted.test(event)) {
          return event;
        }
      }
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0 || end != null) {
        throw new AssertionError(
            (end == null ? "no such event within " + timeout : end)
                + "; "
                + forgotten
                + " forgotten, kept: "
                + events);
      }
      Await.on(this, millis);
    }
  }

  /** What is kept, the oldest first. */
  public synchronized List<Event> events() {
    return List.copyOf(events);
  }

  /** Whether the master, or the network, has ended it. */
  public synchronized boolean hasEnded() {
    return end != null;
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      String kind = "";
      String id = "";
      StringBuilder data = new StringBuilder();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("event:")) {
          kind = line.substring(6).strip();
        } else if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("data:")) {
          data.append(data.isEmpty() ? "" : "\n").append(line.substring(5).strip());
        } else if (line.isEmpty() && !(kind.isEmpty() && data.isEmpty())) {
          keep(
              new Event(
                  kind, id, MasterClient.parse(data.toString().getBytes(StandardCharsets.UTF_8))));
          kind = "";
          data.setLength(0);
        }
      }
      endWith("the stream has ended");
    } catch (IOException e) {
      endWith("the stream has ended: " + e);
    }
  }

  private synchronized void keep(Event event) {
    events.add(event);
    if (events.size() > EVENTS_MAX) {
      events.remove();
      forgotten++;
    }
    notifyAll();
  }

  private synchronized void endWith(String why) {
    end = why;
    notifyAll();
  }
}
