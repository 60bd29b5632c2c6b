package io.holdfast.search;

/**
 * How much may go wrong in one search. Within these bounds everything does, in every order: any
 * message may be lost, or late by any time; time itself has no bound.
 *
 * @param keep whether the job is {@code keep} with {@code wait}, not {@code stop-after-lease} with
 *     {@code rerun}
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
 * @param cancels how often somebody cancels a run
 * @param sendings how often one execution is sent at most
 */
record Bounds(
    boolean keep,
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
    int cancels,
    int sendings) {
  /** As many exchanges as there may be. */
  static final int ANY = 99;

  /** Two agents, one message, and nothing goes wrong but that messages are lost and late. */
  static final Bounds CALM = new Bounds(false, 2, 2, 1, 2, ANY, 0, 0, 0, 0, 0, 0, 1);

  Bounds keep(boolean most) {
    return new Bounds(
        most,
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
        cancels,
        sendings);
  }

  Bounds agents(int most) {
    return new Bounds(
        keep,
        most,
        executions,
        messages,
        couplings,
        exchanges,
        duplicates,
        drift,
        failovers,
        restarts,
        wipes,
        cancels,
        sendings);
  }

  Bounds executions(int most) {
    return new Bounds(
        keep,
        agents,
        most,
        messages,
        couplings,
        exchanges,
        duplicates,
        drift,
        failovers,
        restarts,
        wipes,
        cancels,
        sendings);
  }

  Bounds messages(int most) {
    return new Bounds(
        keep,
        agents,
        executions,
        most,
        couplings,
        exchanges,
        duplicates,
        drift,
        failovers,
        restarts,
        wipes,
        cancels,
        sendings);
  }

  Bounds couplings(int most) {
    return new Bounds(
        keep,
        agents,
        executions,
        messages,
        most,
        exchanges,
        duplicates,
        drift,
        failovers,
        restarts,
        wipes,
        cancels,
        sendings);
  }

  Bounds exchanges(int most) {
    return new Bounds(
        keep,
        agents,
        executions,
        messages,
        couplings,
        most,
        duplicates,
        drift,
        failovers,
        restarts,
        wipes,
        cancels,
        sendings);
  }

  Bounds duplicates(int most) {
    return new Bounds(
        keep,
        agents,
        executions,
        messages,
        couplings,
        exchanges,
        most,
        drift,
        failovers,
        restarts,
        wipes,
        cancels,
        sendings);
  }

  Bounds drift(int most) {
    return new Bounds(
        keep,
        agents,
        executions,
        messages,
        couplings,
        exchanges,
        duplicates,
        most,
        failovers,
        restarts,
        wipes,
        cancels,
        sendings);
  }

  Bounds failovers(int most) {
    return new Bounds(
        keep,
        agents,
        executions,
        messages,
        couplings,
        exchanges,
        duplicates,
        drift,
        most,
        restarts,
        wipes,
        cancels,
        sendings);
  }

  Bounds restarts(int most) {
    return new Bounds(
        keep,
        agents,
        executions,
        messages,
        couplings,
        exchanges,
        duplicates,
        drift,
        failovers,
        most,
        wipes,
        cancels,
        sendings);
  }

  Bounds wipes(int most) {
    return new Bounds(
        keep,
        agents,
        executions,
        messages,
        couplings,
        exchanges,
        duplicates,
        drift,
        failovers,
        restarts,
        most,
        cancels,
        sendings);
  }

  Bounds cancels(int most) {
    return new Bounds(
        keep,
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
        most,
        sendings);
  }

  Bounds sendings(int most) {
    return new Bounds(
        keep,
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
        cancels,
        most);
  }
}
