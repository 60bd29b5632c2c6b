package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stays with a run until it has ended, if wanted with its output. This thread looks at the run and
 * decides; one {@link LogTail} per stream copies.
 */
final class Follower {
  private static final Duration LONG_WAIT = Duration.ofSeconds(20);
  private static final Duration SHORT_WAIT = Duration.ofSeconds(2);

  /**
   * Beyond the wait that was asked for: short, because it is how long a silent loss stays unseen.
   */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private static final Duration SLOWEST_POLL = Duration.ofSeconds(1);

  private final MasterClient client;
  private final CliIo io;
  private final String run;
  private final Contact contact;

  Follower(MasterClient client, CliIo io, String run) {
    this.client = client;
    this.io = io;
    this.run = run;
    this.contact =
        new Contact(
            io,
            client.address(),
            "the run goes on without this command",
            "Run %s may go on. Look at it with 'holdfast show %s' or 'holdfast logs -f %s'"
                .formatted(run, run, run));
  }

  /** The run when it has ended; prints nothing. */
  JsonNode await() {
    while (true) {
      JsonNode now = look(Optional.of(LONG_WAIT));
      if (hasEnded(now)) {
        return now;
      }
      Contact.pause(io.patience().poll());
    }
  }

  /**
   * Copies output until the run has ended, from one execution to the next.
   *
   * @param only this execution and no other; empty: all, waiting for the first one to exist
   * @param streams {@code stdout}, {@code stderr} or both, and where each goes
   * @return the run as it is then
   */
  JsonNode follow(Optional<String> only, Map<String, PrintStream> streams) {
    int next = 0;
    Duration poll = io.patience().poll();
    while (true) {
      JsonNode now = look(Optional.empty());
      List<String> executions = executions(now, only);
      if (next < executions.size()) {
        now = copy(executions.get(next), streams);
        next++;
        poll = io.patience().poll();
      }
      boolean all = next >= executions(now, only).size();
      if (all && (hasEnded(now) || (only.isPresent() && next > 0))) {
        return now;
      }
      if (all) {
        Contact.pause(poll);
        poll =
            poll.multipliedBy(2).compareTo(SLOWEST_POLL) < 0 ? poll.multipliedBy(2) : SLOWEST_POLL;
      }
    }
  }

  /** Copies one execution to its end; the run as it is then. */
  private JsonNode copy(String execution, Map<String, PrintStream> streams) {
    List<LogTail> tails = new ArrayList<>();
    streams.forEach(
        (stream, to) ->
            tails.add(LogTail.start(client, execution, stream, to, io.patience().poll())));
    try {
      int losses = contact.losses();
      while (true) {
        JsonNode now = look(Optional.of(SHORT_WAIT));
        if (contact.losses() > losses) {
          losses = contact.losses();
          tails.forEach(LogTail::reconnect);
        }
        boolean over = hasEnded(now) || executionEnded(now, execution);
        if (over) {
          tails.forEach(LogTail::executionHasEnded);
        }
        if (over && tails.stream().allMatch(this::isOver)) {
          return now;
        }
        if (tails.stream().anyMatch(LogTail::isReaderGone)) {
          throw new CliFailure("nobody reads the output any more. " + Follower.howToReturn(run));
        }
        Contact.pause(io.patience().poll());
      }
    } finally {
      tails.forEach(LogTail::stop);
    }
  }

  private boolean isOver(LogTail tail) {
    if (!tail.isDone() && tail.idle().compareTo(io.patience().drain()) > 0) {
      io.notice("not all output has arrived at the master; later: holdfast logs " + run);
      tail.stop();
      return true;
    }
    return tail.isDone();
  }

  private JsonNode look(Optional<Duration> wait) {
    String path = "/runs/" + Ref.inPath(run);
    String query = wait.map(time -> "?wait=" + time.toSeconds() + "s").orElse("");
    Duration timeout = ANSWER_LIMIT.plus(wait.orElse(Duration.ZERO));
    return contact.insist(() -> client.get(path + query, "id", timeout));
  }

  private static List<String> executions(JsonNode now, Optional<String> only) {
    List<String> ids = new ArrayList<>();
    for (JsonNode execution : now.path("executions")) {
      String id = execution.path("id").asText();
      if (only.isEmpty() || only.get().equals(id)) {
        ids.add(id);
      }
    }
    return ids;
  }

  private static boolean executionEnded(JsonNode now, String id) {
    for (JsonNode execution : now.path("executions")) {
      if (execution.path("id").asText().equals(id)) {
        return execution.path("state").asText().equals("ended");
      }
    }
    return false;
  }

  static boolean hasEnded(JsonNode run) {
    return switch (run.path("state").asText()) {
      case "succeeded", "failed", "cancelled", "lost" -> true;
      default -> false;
    };
  }

  /** What a person needs to know who leaves a run behind. */
  static String howToReturn(String run) {
    return "Run %s goes on. Back to it: holdfast logs -f %s; stop it: holdfast cancel %s"
        .formatted(run, run, run);
  }
}
