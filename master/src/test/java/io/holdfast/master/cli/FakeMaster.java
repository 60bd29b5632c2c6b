package io.holdfast.master.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A small HTTP server that answers as a test tells it, and remembers what it was asked. */
final class FakeMaster implements AutoCloseable {
  /** What was asked; {@code path} is below {@code /api/v1}, as it was sent, with its query. */
  record Request(String method, String path, String authorization, String type, String body) {}

  /** One way to answer. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  FakeMaster() throws IOException {
    this(0);
  }

  FakeMaster(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  List<Request> requests() {
    return requests;
  }

  /** Answers {@code request}, for example {@code GET /runs/tick%231}, whatever its query. */
  FakeMaster on(String request, Answer answer) {
    answers.put(request, answer);
    return this;
  }

  FakeMaster on(String request, int status, String json) {
    return on(request, json(status, json));
  }

  static Answer json(int status, String json) {
    String type = status < 400 ? "application/json" : "application/problem+json";
    return exchange -> send(exchange, status, type, json);
  }

  static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  /** Output as the master sends it. */
  static void sendLog(HttpExchange exchange, boolean complete, String text) throws IOException {
    exchange.getResponseHeaders().set("X-Holdfast-Complete", Boolean.toString(complete));
    send(exchange, 200, "application/octet-stream", text);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String raw = exchange.getRequestURI().getRawPath();
      String query = exchange.getRequestURI().getRawQuery();
      String path = raw.startsWith("/api/v1") ? raw.substring(7) : raw;
      String method = exchange.getRequestMethod();
      requests.add(
          new Request(
              method,
              query == null ? path : path + "?" + query,
              exchange.getRequestHeaders().getFirst("Authorization"),
              exchange.getRequestHeaders().getFirst("Content-Type"),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      String unknown =
          "{\"title\":\"Not found\",\"status\":404,\"detail\":\"there is no " + raw + "\"}";
      answers.getOrDefault(method + " " + path, json(404, unknown)).to(exchange);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
