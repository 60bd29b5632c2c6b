package io.holdfast.storm;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the tasks of a storm ask of the task API, and the comparison of what they were answered with
 * what the masters show: a call that was answered 2xx has its effect, once; after one that was
 * answered 410, because the task is being stopped, every other is too.
 */
final class Calls {
  private static final String DONE = "204";
  private static final String OVER = "410";

  /** One answer, as the task has noted it. */
  private record Answer(String key, String path, String code) {}

  private final Path file;
  private final Map<String, List<Answer>> answers = new HashMap<>();
  private int done;
  private int over;

  Calls(LocalSystem system) {
    file = system.folder().resolve("calls");
  }

  /**
   * Shell: {@code call KEY METHOD PATH}, whose body is the execution and the key. It repeats a call
   * until that is answered, with the same idempotency key, and notes the answer.
   */
  String script() {
    return """
        call() {
          while :; do
            code=$(curl --silent --output /dev/null --write-out '%%{http_code}' --header @- \\
              --request "$2" --data-raw "$HOLDFAST_EXECUTION-$1" "$HOLDFAST_TASK_API/task/v1/$3" <<HEADERS
        Authorization: Bearer $HOLDFAST_TASK_TOKEN
        Idempotency-Key: $HOLDFAST_EXECUTION-$1
        HEADERS
            )
            case $code in
            '' | 000 | 409 | 429 | 503) sleep 0.2 ;; # Killed, no agent, or not now: the same again.
            *) break ;;
            esac
          done
          echo "$HOLDFAST_EXECUTION $1 $3 $code" >> '%s'
        }
        """
        .formatted(file);
  }

  /** Reads what the tasks have noted; all of them have ended. */
  void read() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    for (String line : Files.readAllLines(file)) {
      String[] words = line.split(" ");
      answers
          .computeIfAbsent(words[0], id -> new ArrayList<>())
          .add(new Answer(words[1], words[2], words[3]));
    }
  }

  /** What is wrong with the calls of one execution. */
  void judge(JsonNode run, String id, List<String> complaints) {
    boolean stopped = false;
    for (Answer answer : answers.getOrDefault(id, List.of())) {
      if (answer.code().equals(DONE)) {
        done++;
        if (stopped) {
          complaints.add("task API: " + id + " is over, and was answered " + answer);
        }
        judgeEffect(run, id, answer, complaints);
      } else if (answer.code().equals(OVER)) {
        over++;
        stopped = true;
      } else {
        complaints.add("task API: " + id + " was answered " + answer);
      }
    }
  }

  private static void judgeEffect(JsonNode run, String id, Answer answer, List<String> complaints) {
    String told = id + "-" + answer.key();
    if (answer.path().startsWith("variables/")) {
      JsonNode variable =
          run.path("variables").path(answer.path().substring("variables/".length()));
      if (!variable.path("value").asText().equals(told)
          || !variable.path("execution").asText().equals(id)) {
        complaints.add("task API: " + told + " was set, and is " + variable);
      }
    } else if (times(run, told) != 1) {
      complaints.add("task API: note " + told + " was taken, and is there " + times(run, told));
    }
  }

  /** Of all notes, also those whose answer nobody lived to hear, none may be there twice. */
  void judgeNotes(JsonNode run, List<String> complaints) {
    Set<String> seen = new HashSet<>();
    for (JsonNode note : run.path("notes")) {
      if (!seen.add(note.path("text").asText())) {
        complaints.add("task API: twice in " + run.path("id").asText() + ": " + note);
      }
    }
  }

  private static long times(JsonNode run, String text) {
    long times = 0;
    for (JsonNode note : run.path("notes")) {
      times += note.path("text").asText().equals(text) ? 1 : 0;
    }
    return times;
  }

  @Override
  public String toString() {
    return "%d calls of tasks answered, and %d refused as over".formatted(done, over);
  }
}
