package io.holdfast.search;

/**
 * How much may go wrong in one search. Within these bounds everything does, in every order: any
 * message may be lost, or late by any time; time itself has no bound.
 *
 * @param keep whether the job is {@code keep} with {@code wait}, not {@code stop-after-lease} with
 *     {@code rerun}
 * @param apart whether the second execution only ever begins at the second agent
 * @param agents how many of the two agents the job may run on
 * @param executions how many executions begin, one or two
 * @param messages how many are under way at once, to and from both agents
 * @param couplings how often a master begins a session, with both agents together; what the old
 *     master does is not counted
 * @param exchanges how many exchanges a master sends at most; {@link #ANY} for any number
 * @param duplicates how many requests arrive twice
 * @param drift how often a clock stands still for a tick, or the master's jumps one
 * @param failovers how often another master takes over while the old one may live on
 * @param restarts how often an agent's JVM is killed and comes back
 * @param wipes how often an agent comes back with another data directory
 * @param reboots how often an agent's machine is restarted, with all that runs on it
 * @param cancels how often somebody cancels a run
 * @param sendings how often one execution is sent at most
 */
record Bounds(
    boolean keep,
    boolean apart,
    int agents,
    int executions,
    int messages,
    int couplings,
    int exchanges,
    int duplicates,
    int drift,
    int failovers,
    int restarts,
    int wipes,
    int reboots,
    int cancels,
    int sendings) {
  /** As many exchanges as there may be. */
  static final int ANY = 99;

  /** Two agents, one message, and nothing goes wrong but that messages are lost and late. */
  static final Bounds CALM = calm();

  private static Bounds calm() {
    Change calm = new Change();
    calm.agents = 2;
    calm.executions = 2;
    calm.messages = 1;
    calm.couplings = 2;
    calm.exchanges = ANY;
    calm.sendings = 1;
    return calm.made();
  }

  Bounds keep(boolean most) {
    Change change = new Change(this);
    change.keep = most;
    return change.made();
  }

  Bounds apart(boolean most) {
    Change change = new Change(this);
    change.apart = most;
    return change.made();
  }

  Bounds agents(int most) {
    Change change = new Change(this);
    change.agents = most;
    return change.made();
  }

  Bounds executions(int most) {
    Change change = new Change(this);
    change.executions = most;
    return change.made();
  }

  Bounds messages(int most) {
    Change change = new Change(this);
    change.messages = most;
    return change.made();
  }

  Bounds couplings(int most) {
    Change change = new Change(this);
    change.couplings = most;
    return change.made();
  }

  Bounds exchanges(int most) {
    Change change = new Change(this);
    change.exchanges = most;
    return change.made();
  }

  Bounds duplicates(int most) {
    Change change = new Change(this);
    change.duplicates = most;
    return change.made();
  }

  Bounds drift(int most) {
    Change change = new Change(this);
    change.drift = most;
    return change.made();
  }

  Bounds failovers(int most) {
    Change change = new Change(this);
    change.failovers = most;
    return change.made();
  }

  Bounds restarts(int most) {
    Change change = new Change(this);
    change.restarts = most;
    return change.made();
  }

  Bounds wipes(int most) {
    Change change = new Change(this);
    change.wipes = most;
    return change.made();
  }

  Bounds reboots(int most) {
    Change change = new Change(this);
    change.reboots = most;
    return change.made();
  }

  Bounds cancels(int most) {
    Change change = new Change(this);
    change.cancels = most;
    return change.made();
  }

  Bounds sendings(int most) {
    Change change = new Change(this);
    change.sendings = most;
    return change.made();
  }

  /** All bounds, to be changed one by one. */
  private static final class Change {
    private boolean keep;
    private boolean apart;
    private int agents;
    private int executions;
    private int messages;
    private int couplings;
    private int exchanges;
    private int duplicates;
    private int drift;
    private int failovers;
    private int restarts;
    private int wipes;
    private int reboots;
    private int cancels;
    private int sendings;

    Change() {}

    Change(Bounds before) {
      keep = before.keep;
      apart = before.apart;
      agents = before.agents;
      executions = before.executions;
      messages = before.messages;
      couplings = before.couplings;
      exchanges = before.exchanges;
      duplicates = before.duplicates;
      drift = before.drift;
      failovers = before.failovers;
      restarts = before.restarts;
      wipes = before.wipes;
      reboots = before.reboots;
      cancels = before.cancels;
      sendings = before.sendings;
    }

    Bounds made() {
      return new Bounds(
          keep,
          apart,
          agents,
          executions,
          messages,
          couplings,
          exchanges,
          duplicates,
          drift,
          failovers,
          restarts,
          wipes,
          reboots,
          cancels,
          sendings);
    }
  }
}
