package io.holdfast.scenario;

import io.holdfast.harness.FaultProxy;
import io.holdfast.harness.RequestTrigger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When an agent answered one of its masters, by the agent's own clock: each answer carries an
 * anchor, which the master's next request brings back (R2).
 */
final class Heartbeats implements AutoCloseable {
  private static final Pattern ANCHOR = Pattern.compile("\"anchor\"\\s*:\\s*\"([^\"]+)\"");

  private final RequestTrigger requests;
  private final List<Duration> answers = new ArrayList<>();

  private Heartbeats(RequestTrigger requests) {
    this.requests = requests;
  }

  /** Those of the link that goes through this proxy. */
  static Heartbeats of(FaultProxy proxy) {
    Heartbeats heartbeats =
        new Heartbeats(
            proxy.onRequest(
                text -> text.contains("/exchange"), RequestTrigger.Action.PASS, Integer.MAX_VALUE));
    heartbeats.requests.then(() -> heartbeats.take(heartbeats.requests.request()));
    return heartbeats;
  }

  private synchronized void take(String request) {
    Matcher anchor = ANCHOR.matcher(request);
    if (anchor.find()) {
      Duration answered = Duration.parse(anchor.group(1));
      if (answers.isEmpty() || answered.compareTo(answers.get(answers.size() - 1)) > 0) {
        answers.add(answered);
      }
    }
  }

  synchronized int count() {
    return answers.size();
  }

  /** The times between two answers, in order, of those since the first {@code from}. */
  synchronized List<Duration> gapsSince(int from) {
    List<Duration> gaps = new ArrayList<>();
    for (int i = Math.max(1, from); i < answers.size(); i++) {
      gaps.add(answers.get(i).minus(answers.get(i - 1)));
    }
    return gaps;
  }

  @Override
  public void close() {
    requests.close();
  }
}
