package io.holdfast.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.holdfast.harness.EventStream;
import io.holdfast.harness.EventStream.Event;
import io.holdfast.harness.MasterClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells the master's events as they come, on a thread of its own, until closed. When the stream
 * ends it is opened again: the demo goes on to tell what its visitor does.
 */
final class Narrator implements AutoCloseable {
  private static final int LOOK_MS = 50;
  private static final int AGAIN_MS = 1_000;

  private final MasterClient client;
  private final Screen screen;
  private final Map<String, JsonNode> last = new HashMap<>();
  private final Map<String, List<Narration.Line>> told = new HashMap<>();
  private final Thread thread = new Thread(this::run, "demo-narrator");
  private volatile boolean closed;

  private Narrator(MasterClient client, Screen screen) {
    this.client = client;
    this.screen = screen;
  }

  static Narrator start(MasterClient client, Screen screen) {
    Narrator narrator = new Narrator(client, screen);
    narrator.thread.setDaemon(true);
    narrator.thread.start();
    return narrator;
  }

  @Override
  public void close() {
    closed = true;
  }

  private void run() {
    while (!closed) {
      try (EventStream stream = client.events(true)) {
        tell(stream);
      } catch (RuntimeException e) {
        // The master is away; that is seen elsewhere.
      }
      pause(AGAIN_MS);
    }
  }

  private void tell(EventStream stream) {
    int count = 0;
    while (!closed) {
      boolean over = stream.hasEnded();
      List<Event> events = stream.events();
      events.subList(count, events.size()).forEach(this::tell);
      count = events.size();
      if (over || count == EventStream.EVENTS_MAX) {
        return;
      }
      pause(LOOK_MS);
    }
  }

  private void tell(Event event) {
    JsonNode data = event.data();
    String subject = event.kind() + " " + data.path("id").asText(data.path("name").asText());
    JsonNode before = last.getOrDefault(subject, MissingNode.getInstance());
    last.put(subject, data);
    List<Narration.Line> lines = Narration.of(event.kind(), data, before);
    if (!lines.isEmpty() && !lines.equals(told.put(subject, lines))) {
      lines.forEach(line -> screen.tell(line.look(), line.words()));
    }
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
