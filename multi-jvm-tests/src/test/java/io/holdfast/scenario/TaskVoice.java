package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.eventually;

import io.holdfast.harness.LocalSystem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Speaks to the task API in the place of one task, which has lent its address and its token. */
record TaskVoice(URI api, String token, long pid) {
  private static final Duration AT_ONCE = Duration.ofSeconds(20);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** What a script does so that {@link #of} finds it; {@code sh}. */
  static String lent(LocalSystem system) {
    return """
    lent='%s'/"$HOLDFAST_MASTER.$HOLDFAST_EXECUTION.voice"
    printf '%%s\\n' "$HOLDFAST_TASK_API" "$HOLDFAST_TASK_TOKEN" $$ > "$lent.new"
    mv "$lent.new" "$lent"
    """
        .formatted(system.folder());
  }

  /** Waits until the execution of this master has lent it. */
  static TaskVoice of(LocalSystem system, String master, String execution) throws IOException {
    Path file = system.folder().resolve(master + "." + execution + ".voice");
    eventually().until(() -> Files.exists(file));
    List<String> lines = Files.readAllLines(file);
    return new TaskVoice(URI.create(lines.get(0)), lines.get(1), Long.parseLong(lines.get(2)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(api.resolve("/task/v1/" + path))
        .header("Authorization", "Bearer " + token);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return CLIENT.send(request(path).timeout(AT_ONCE).build(), BodyHandlers.ofString());
  }

  /** A call that may wait for the master. */
  CompletableFuture<HttpResponse<String>> getLater(String path) {
    return CLIENT.sendAsync(request(path).build(), BodyHandlers.ofString());
  }

  HttpResponse<String> put(String path, String body) throws IOException, InterruptedException {
    HttpRequest put = request(path).timeout(AT_ONCE).PUT(BodyPublishers.ofString(body)).build();
    return CLIENT.send(put, BodyHandlers.ofString());
  }
}
