package io.holdfast.storm;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.ApiException;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Machines of agents that died as a whole. */
final class Deaths {
  private static final long LOOK_MS = 100;
  private static final int CONNECTED = 409;

  private Deaths() {}

  /** The executions of one master that the disk of a dead agent knows to have begun, and no end. */
  static List<String> recordedAsStarted(Node agent, String master) throws IOException {
    Path tasks = agent.data().resolve("masters").resolve(master).resolve("tasks");
    if (!Files.isDirectory(tasks)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(tasks)) {
      return all.filter(task -> !Files.exists(task.resolve("exit")))
          .map(task -> task.getFileName().toString())
          .toList();
    }
  }

  /**
   * An operator has seen that the machine is dead, and says so to a master; the executions that
   * this master called lost then. Nothing, when the master cannot be asked, or has not yet missed
   * it.
   */
  static List<String> confirm(LocalSystem system, Node master, Node agent)
      throws InterruptedException {
    MasterClient client = system.client(master.id());
    long end = System.nanoTime() + system.timing().silence().multipliedBy(3).toNanos();
    do {
      try {
        List<String> lost = new ArrayList<>();
        JsonNode answer = client.confirmLost(agent.id(), "the storm", "its machine has died");
        answer.path("executions").forEach(id -> lost.add(id.asText()));
        return lost;
      } catch (ApiException e) {
        if (e.status() != CONNECTED) {
          return List.of();
        }
      } catch (UncheckedIOException away) {
        return List.of();
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    } while (System.nanoTime() < end);
    return List.of();
  }
}
