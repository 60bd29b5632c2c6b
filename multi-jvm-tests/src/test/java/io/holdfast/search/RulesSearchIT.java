package io.holdfast.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Every state that the rules allow within each of these bounds, from one kind of trouble to several
 * at once: P1 to P3, R2 to R14 hold in all of them. The machine's processes are here what their
 * scripts say; what the scripts really do is tested elsewhere.
 */
class RulesSearchIT {
  /** No search comes near it; one that does has grown, and is to be looked at. */
  private static final long MOST = 6_000_000;

  private static final Bounds ONE = Bounds.CALM.agents(1).executions(1);

  /**
   * One order to each agent: with more, what goes wrong besides takes longer than anybody waits.
   */
  private static final Bounds APART = Bounds.CALM.apart(true).exchanges(2);

  private static Map<String, Bounds> searches() {
    Map<String, Bounds> all = new LinkedHashMap<>();
    all.put("somebody cancels", ONE.cancels(1));
    all.put("a master takes over, and the old one lives on", ONE.failovers(1));
    all.put("an agent's JVM is killed", ONE.restarts(1));
    all.put("an agent comes back with another data directory", ONE.wipes(1).sendings(2));
    all.put("a request arrives twice", ONE.duplicates(1));
    all.put("two messages are under way", ONE.messages(2).sendings(2));
    all.put("clocks drift", ONE.drift(2));
    all.put(
        "clocks drift while a master takes over",
        ONE.couplings(1).exchanges(3).failovers(1).drift(2));
    all.put("'keep' and 'wait', and a restart", ONE.keep(true).couplings(1).restarts(1));
    all.put("a machine is restarted", ONE.reboots(1));
    all.put(
        "an agent's JVM is killed while a master takes over, and a clock drifts",
        ONE.couplings(1).failovers(1).restarts(1).drift(1));
    all.put(
        "two messages, one of them twice, and an agent's JVM is killed",
        ONE.couplings(1).messages(2).duplicates(1).restarts(1));
    all.put("two messages while a master takes over", ONE.couplings(1).messages(2).failovers(1));
    all.put("two executions, on one agent or on two", Bounds.CALM);
    all.put("two executions on two agents, and an agent's JVM is killed", APART.restarts(1));
    if (Boolean.getBoolean("search.longest")) {
      all.put("two executions on two agents, and a request arrives twice", APART.duplicates(1));
    }
    return all;
  }

  @Test
  void P1_P2_P3_noStateThatTheRulesAllowBreaksAnInvariant() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    long states = 0;
    for (Map.Entry<String, Bounds> search : searches().entrySet()) {
      Search.Result result = search(search.getKey(), search.getValue(), rows);
      assertThat(result.complete()).as(search.getKey()).isTrue();
      states += result.states();
    }
    assertThat(states).isGreaterThan(1_000_000);
    System.out.printf("%d searches, all complete: %,d states%n", rows.size(), states);
    Guarantees.write(
        "search.tsv",
        List.of("search", "states", "deepest level", "steps", "whole", "seconds", "states/s"),
        rows);
  }

  private static Search.Result search(String name, Bounds bounds, List<List<String>> rows) {
    Search.Result result = Search.run(Rules.REAL, bounds, MOST, threads());
    System.out.printf(
        "%s: %,d states, %,d steps, deepest level %d, %.1f s, %,d states/s, %s%n",
        name,
        result.states(),
        result.moves(),
        result.depth(),
        result.seconds(),
        result.statesPerSecond(),
        result.complete() ? "complete" : "not complete");
    rows.add(
        List.of(
            name,
            Long.toString(result.states()),
            Integer.toString(result.depth()),
            Long.toString(result.moves()),
            Boolean.toString(result.complete()),
            Guarantees.seconds(result),
            Long.toString(result.statesPerSecond())));
    assertThat(result.counterexample().map(Object::toString)).as("%s: %s", name, bounds).isEmpty();
    return result;
  }

  static int threads() {
    return Math.min(2, Runtime.getRuntime().availableProcessors());
  }
}
