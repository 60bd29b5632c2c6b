package io.holdfast.storm;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.ApiException;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.Node;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Work for all masters: jobs that wait, talk, ignore SIGTERM, leave children behind. Runs are asked
 * for with a request id, and asked for again with the same one until they are promised.
 */
final class Load {
  /** Runs of one job that are open at a time. */
  private static final int MOST_OPEN = 3;

  /**
   * A master keeps 200 ended runs of a job at hand, and the verdict asks for all: then comes the
   * job's successor.
   */
  private static final int MOST_RUNS = 150;

  /** A run that a master has promised. */
  record Promise(String master, String job, String run) {}

  /** A kind of work at one master: jobs of one text, one after the other. */
  private static final class Work {
    final Node master;
    final String kind;
    final String target;
    final String before;
    final Deque<String> open = new ArrayDeque<>();
    int generation;
    int asked;

    Work(Node master, String kind, String target, String before) {
      this.master = master;
      this.kind = kind;
      this.target = target;
      this.before = before;
    }

    String job() {
      return master.id() + "-" + kind + (generation == 0 ? "" : "-" + generation);
    }
  }

  private final LocalSystem system;
  private final Calls calls;
  private final Random random;
  private final List<Promise> promises = new ArrayList<>();
  private final List<Work> works = new ArrayList<>();
  private final Map<String, String> masterOf = new LinkedHashMap<>();
  private volatile boolean over;
  private int requests;
  private int cancels;

  Load(LocalSystem system, Calls calls, long seed) {
    this.system = system;
    this.calls = calls;
    this.random = new Random(seed ^ 0x5eed);
  }

  /** Defines the jobs; the masters and agents are up. */
  void define() {
    for (Node master : system.masters()) {
      for (Node agent : system.agents()) {
        define(master, "pin-" + agent.id(), "agent: " + agent.id(), "");
      }
      define(master, "any", "group: all\n    on-lost: rerun", "");
      define(master, "wait", "group: all\n    on-lost: rerun", "sleep 1");
      define(
          master,
          "stubborn",
          "group: all\n    on-lost: rerun",
          "trap '' TERM HUP INT; setsid sleep 60 &");
    }
  }

  private void define(Node master, String kind, String target, String before) {
    Work work = new Work(master, kind, target, before);
    define(work);
    works.add(work);
  }

  private void define(Work work) {
    String job = work.job();
    String body =
        """
        %s%s
        call a PUT variables/a$HOLDFAST_ATTEMPT
        steps=$((${HOLDFAST_RUN##*#} * 7 %% 60 + 3))
        step=0
        while [ $step -lt $steps ]; do
          step=$((step + 1))
          echo "$HOLDFAST_EXECUTION line $step of $steps"
          sleep 0.1
        done
        call note POST note
        call b PUT variables/b$HOLDFAST_ATTEMPT
        exit $((${HOLDFAST_RUN##*#} %% 3))
        """
            .formatted(calls.script(), work.before);
    system.client(work.master.id()).applyJobs(system.ledger().jobYaml(job, work.target, body));
    masterOf.put(job, work.master.id());
  }

  /** Asks for runs until {@link #end}. */
  void run() throws InterruptedException {
    while (!over) {
      Work work = works.get(random.nextInt(works.size()));
      try {
        step(work, system.client(work.master.id()));
      } catch (UncheckedIOException away) {
        // A master that is killed or stopped: it is asked again.
      } catch (ApiException refused) {
        if (refused.status() != 503) {
          throw refused;
        }
      }
      TimeUnit.MILLISECONDS.sleep(60);
    }
  }

  void end() {
    over = true;
  }

  private void step(Work work, MasterClient client) {
    if (work.asked == MOST_RUNS) {
      work.generation++;
      work.asked = 0;
    }
    String job = work.job();
    if (!masterOf.containsKey(job)) {
      define(work);
    }
    Deque<String> runs = work.open;
    while (!runs.isEmpty() && hasEnded(client.run(runs.peek()))) {
      runs.remove();
    }
    if (runs.size() < MOST_OPEN) {
      JsonNode run = client.startRun(job, Map.of(), "request-" + job + "-" + requests);
      requests++;
      String id = run.path("id").asText();
      work.asked++;
      promises.add(new Promise(work.master.id(), job, id));
      runs.add(id);
    } else if (random.nextInt(12) == 0) {
      cancel(runs.peek(), client);
    }
  }

  /** The oldest open run, which may end before the master reads this. */
  private void cancel(String run, MasterClient client) {
    try {
      client.cancel(run, "the storm test");
      cancels++;
    } catch (ApiException refused) {
      if (refused.status() != 409 || !hasEnded(client.run(run))) {
        throw refused;
      }
    }
  }

  static boolean hasEnded(JsonNode run) {
    return switch (run.path("state").asText()) {
      case "succeeded", "failed", "cancelled", "lost" -> true;
      default -> false;
    };
  }

  List<Promise> promises() {
    return promises;
  }

  /** The jobs, each with its master. */
  Map<String, String> jobs() {
    return masterOf;
  }

  int cancels() {
    return cancels;
  }
}
