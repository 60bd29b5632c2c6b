package io.holdfast.master.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.holdfast.master.cli.CliFailure.NoContact;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Speaks to a master. Every failure leaves as a {@link CliFailure} that says what to do: {@link
 * NoContact} if the same may succeed later, {@link ProblemFailure} if the master said no.
 */
final class MasterClient {
  /** Longer than the master ever waits by itself. */
  static final Duration TIMEOUT = Duration.ofSeconds(20);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_BODY = 256 * 1024 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final MasterAddress address;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  MasterClient(MasterAddress address) {
    this.address = address;
  }

  MasterAddress address() {
    return address;
  }

  /**
   * Reads an object.
   *
   * @param path below {@code /api/v1}, encoded
   * @param mark a field that the answer must have, or it is not from a Holdfast master
   */
  JsonNode get(String path, String mark) {
    return get(path, mark, TIMEOUT);
  }

  /** The same with another time limit. */
  JsonNode get(String path, String mark, Duration timeout) {
    return exchange(request(path).GET(), mark, timeout);
  }

  /** Sends JSON. */
  JsonNode post(String path, JsonNode body, String mark) {
    BodyPublisher publisher = BodyPublishers.ofString(body.toString());
    return exchange(
        request(path).header("Content-Type", "application/json").POST(publisher), mark, TIMEOUT);
  }

  /** Sends a job file as it is. */
  JsonNode postYaml(String path, byte[] body, String mark) {
    BodyPublisher publisher = BodyPublishers.ofByteArray(body);
    return exchange(
        request(path).header("Content-Type", "application/yaml").POST(publisher), mark, TIMEOUT);
  }

  /** Output of an execution as a stream, which the caller closes. */
  HttpResponse<InputStream> open(String path) {
    HttpResponse<InputStream> response = send(request(path).GET(), BodyHandlers.ofInputStream());
    if (response.statusCode() == 200 && !isJson(response) && !type(response).contains("html")) {
      return response;
    }
    try (InputStream body = response.body()) {
      byte[] start = body.readNBytes(64 * 1024);
      throw failure(response, start);
    } catch (IOException e) {
      throw noContact(e);
    }
  }

  private JsonNode exchange(HttpRequest.Builder request, String mark, Duration timeout) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    HttpResponse<Void> response =
        send(
            request.timeout(timeout), BodyHandlers.ofByteArrayConsumer(part -> append(body, part)));
    byte[] bytes = body.toByteArray();
    if (response.statusCode() / 100 != 2) {
      throw failure(response, bytes);
    }
    JsonNode answer = isJson(response) ? parse(bytes) : MissingNode.getInstance();
    if (!answer.has(mark)) {
      throw notHoldfast(response);
    }
    return answer;
  }

  private static void append(ByteArrayOutputStream body, Optional<byte[]> part) {
    if (part.isPresent()) {
      if (body.size() + part.get().length > MAX_BODY) {
        throw new IllegalStateException("the answer is larger than " + MAX_BODY + " bytes");
      }
      body.writeBytes(part.get());
    }
  }

  /** The request's own timeout ends with the headers; this one covers the body of an object too. */
  private <T> HttpResponse<T> send(
      HttpRequest.Builder builder, HttpResponse.BodyHandler<T> handler) {
    HttpRequest request = builder.build();
    Duration limit = request.timeout().orElse(TIMEOUT);
    CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, handler);
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw noContact(e.getCause());
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw noContact(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer.cancel(true);
      throw new CliFailure("interrupted", e);
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address.base() + "/api/v1" + path))
            .header("Accept", "*/*");
    address.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  private CliFailure failure(HttpResponse<?> response, byte[] body) {
    int status = response.statusCode();
    JsonNode problem = isJson(response) ? parse(body) : MissingNode.getInstance();
    if (status == 401) {
      String advice =
          address.token().isEmpty()
              ? "wants a token: set HOLDFAST_TOKEN, or name a file with --token-file"
              : "does not accept this token: check HOLDFAST_TOKEN, --token-file or --token";
      return new CliFailure("the master at %s %s".formatted(address, advice));
    }
    if (status == 502 || status == 503 || status == 504) {
      String detail = problem.path("detail").asText("it cannot answer now, try again");
      String message = "the master at %s: %s".formatted(address, Text.clean(detail));
      return new NoContact(message, "it answered " + status, null);
    }
    boolean isProblem = problem.has("title") || problem.has("detail");
    return isProblem ? new ProblemFailure(status, problem) : notHoldfast(response);
  }

  private CliFailure notHoldfast(HttpResponse<?> response) {
    String type = Text.clean(type(response));
    return new CliFailure(
        "what answers at %s is not a Holdfast master (status %d, %s): check --master or %s"
            .formatted(
                address,
                response.statusCode(),
                type.isEmpty() ? "no content type" : type,
                MasterAddress.MASTER_VARIABLE));
  }

  private NoContact noContact(Throwable e) {
    String why = Reachability.explain(e);
    return new NoContact(
        "cannot reach the master at %s: %s.%nIs it running? Start it with 'holdfast master', or name another with --master URL"
            .formatted(address, why),
        why,
        e);
  }

  private static String type(HttpResponse<?> response) {
    return response.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
  }

  private static boolean isJson(HttpResponse<?> response) {
    String type = type(response);
    return type.startsWith("application/json") || type.startsWith("application/problem+json");
  }

  private static JsonNode parse(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory cannot fail", e);
    }
  }
}
