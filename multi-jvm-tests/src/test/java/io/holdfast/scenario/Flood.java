package io.holdfast.scenario;

import io.holdfast.harness.Node;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A master gone mad, as an agent sees it: couplings without end, exchanges of no session, bodies
 * that are no JSON or too large, tokens that are wrong, and clients that send a byte now and then.
 * Closing it ends its threads and connections.
 */
final class Flood implements AutoCloseable {
  private static final int THREADS = 4;
  private static final int SLOW_CLIENTS = 100;

  private final Node agent;
  private final String master;
  private final String token;
  private final List<Thread> threads = new ArrayList<>();
  private final List<Socket> slow = new ArrayList<>();
  private final Map<Integer, AtomicInteger> answers = new TreeMap<>();
  private volatile boolean over;

  private Flood(Node agent, String master) {
    this.agent = agent;
    this.master = master;
    Matcher known =
        Pattern.compile("\"" + master + "\" \\{ token = \"([^\"]+)\"").matcher(agent.config());
    if (!known.find()) {
      throw new IllegalArgumentException("no token of " + master + " in " + agent.config());
    }
    this.token = known.group(1);
  }

  /** Floods the agent in the name of {@code master}, past all proxies. */
  static Flood of(Node agent, String master) throws IOException {
    Flood flood = new Flood(agent, master);
    for (int i = 0; i < SLOW_CLIENTS; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), agent.port());
      flood.slow.add(socket);
      socket.getOutputStream().write("POST /agent/v1/mas".getBytes(StandardCharsets.US_ASCII));
    }
    for (int i = 0; i < THREADS; i++) {
      int first = i;
      Thread thread = new Thread(() -> flood.pour(first), "flood-" + i);
      flood.threads.add(thread);
      thread.start();
    }
    return flood;
  }

  private void pour(int first) {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    for (int i = first; !over; i++) {
      try {
        int status = http.send(request(i), BodyHandlers.discarding()).statusCode();
        count(status);
      } catch (IOException refused) {
        count(0);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private HttpRequest request(int number) {
    return switch (number % 5) {
      case 0 -> post("session", token, couple(number));
      case 1 ->
          post(
              "exchange",
              token,
              "{\"session\":\"none\",\"epoch\":1,\"number\":1,\"anchor\":\"PT1S\"}");
      case 2 -> post("exchange", token, "{{{".repeat(1 + number % 20_000));
      case 3 -> post("exchange", "wrong", "{}");
      default -> post("session", token, "x".repeat(9_000_000));
    };
  }

  private String couple(int epoch) {
    return """
        {"agent":"%s","masterJournal":"mj-flood","epoch":%d,"timing":{"heartbeatPeriod":"PT5S","retryAttempts":10,
        "killGrace":"PT15S","driftPermille":5,"margin":"PT1S","authorityTtl":"PT10S"}}"""
        .formatted(agent.id(), epoch);
  }

  private HttpRequest post(String path, String bearer, String body) {
    return HttpRequest.newBuilder(
            URI.create(agent.uri() + "/agent/v1/masters/" + master + "/" + path))
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer " + bearer)
        .timeout(Duration.ofSeconds(10))
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private void count(int status) {
    synchronized (answers) {
      answers.computeIfAbsent(status, s -> new AtomicInteger()).incrementAndGet();
    }
  }

  /** How often which status was answered; 0: no answer. */
  Map<Integer, Integer> answers() {
    Map<Integer, Integer> all = new TreeMap<>();
    synchronized (answers) {
      answers.forEach((status, count) -> all.put(status, count.get()));
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    over = true;
    threads.forEach(Thread::interrupt);
    for (Socket socket : slow) {
      socket.close();
    }
    try {
      for (Thread thread : threads) {
        thread.join(20_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
