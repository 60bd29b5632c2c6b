package io.holdfast.sim;

import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;

/** One rule broken, at a boundary of the cores: each must be found out. */
enum Mutation {
  LEASE_FROM_RECEIPT("R2", "the lease counts from a request's arrival"),
  RELEASE_WITHOUT_GRACE("R3", "the master does not wait for the kill grace"),
  RELEASE_WITHOUT_DRIFT_AND_MARGIN("R3", "the master counts on clocks that agree"),
  RELEASE_TOO_EARLY("R3", "the master waits two periods less"),
  RELEASE_AT_DISCONNECT("R3", "the master gives up what it does not hear"),
  RESTART_DOES_NOT_WAIT("R3", "a restarted master counts from before its recovery"),
  AUTHORITY_WAIT_LEFT_OUT("R13", "a successor does not wait for its predecessor's authority"),
  AUTHORITY_NOT_LOOKED_AT("R13", "a predecessor posts for as long as it lives"),
  OLD_REQUEST_OBEYED(
      "R4", "a request of an older session or master is taken for the current one's"),
  EPOCH_NOT_JOURNALLED("R4", "the highest epoch is forgotten by a restart"),
  GUARDIAN_OFF("R12", "no guardian"),
  GUARDIAN_KILLS_ON_A_LEAP("R12", "the guardian kills when the wall clock leaps"),
  GUARDIAN_IGNORES_DOUBT("R12", "the guardian does not look at the wall clock"),
  CLAIM_OFF("R9", "a wrapper starts without the claim"),
  DEADLINE_NOT_ON_DISK("R2", "the deadline is in memory only"),
  DEADLINE_WRITTEN_ONCE("R2", "the deadline file is not renewed"),
  RESTART_EXTENDS_THE_LEASE("R2", "a restarted agent begins a new lease by itself"),
  CLOCK_STANDS_STILL_IN_A_SUSPENSION("R2", "the agent's clock stands still in a suspension"),
  ANSWERED_BEFORE_THE_JOURNAL("R14", "a task answers before its events are durable"),
  LAUNCHED_BEFORE_THE_JOURNAL("R8", "a task is launched before its order is durable"),
  POISON_NOT_JOURNALLED("R7", "the tombstone is not journalled"),
  OUTCOME_NOT_JOURNALLED("R14", "the agent does not journal an outcome"),
  ADOPTED_BY_BARE_PID("R10", "a process is taken for a task by its number alone"),
  SUCCESS_ASSUMED("P2", "what is not known is taken for a success"),
  STOPPED_WHEN_TOLD("R11", "a task counts as stopped when it was told to"),
  ONLY_THE_LEADER_IS_KILLED("R11", "what left the group is not looked for"),
  INVENTORY_EMPTY("R3", "the agent's inventory is empty"),
  WIPED_DISK_KEEPS_ITS_ID("R3", "a wiped data directory keeps its journal id"),
  ONE_LEASE_FOR_ALL_MASTERS("P4", "the end of one master's lease stops the tasks of all"),
  SENDING_NOT_JOURNALLED("R14", "the master sends before it has noted so"),
  REPORTS_NOT_JOURNALLED("R14", "the master acknowledges what is not durable"),
  EXECUTION_NOT_JOURNALLED("R14", "a job begins an execution without noting it"),
  OUTCOME_CONFIRMED_BEFORE_THE_JOURNAL("R14", "a job confirms an outcome before it is durable"),
  CONFIRMED_THOUGH_CONNECTED("R3", "confirm-lost is accepted of an agent that is connected"),
  CONFIRMATION_NOT_JOURNALLED("R14", "confirm-lost is answered, and not journalled"),
  LATE_OUTCOME_NOT_TOLD("P2", "what comes after the verdict is not told to the job"),
  OUTPUT_CONFIRMED_TOO_EARLY("P2", "output counts as stored before it is");

  final String rule;
  final String words;

  Mutation(String rule, String words) {
    this.rule = rule;
    this.words = words;
  }

  /** By which times a master's link waits. */
  static TimingPolicy masters(World world, MasterNode node) {
    TimingPolicy is = world.timing;
    if (world.mutation == null) {
      return is;
    }
    return switch (world.mutation) {
      case RELEASE_WITHOUT_GRACE ->
          with(is, is.retryAttempts(), Duration.ZERO, is.driftPermille(), is.margin(), is);
      case RELEASE_WITHOUT_DRIFT_AND_MARGIN ->
          with(is, is.retryAttempts(), is.killGrace(), 0, Duration.ofMillis(10), is);
      case RELEASE_TOO_EARLY ->
          with(is, is.retryAttempts() - 2, is.killGrace(), is.driftPermille(), is.margin(), is);
      case RELEASE_AT_DISCONNECT -> with(is, 1, Duration.ZERO, 0, Duration.ofMillis(10), is);
      case RESTART_DOES_NOT_WAIT ->
          node.number > 1 ? with(is, 1, Duration.ZERO, 0, Duration.ofMillis(10), is) : is;
      case AUTHORITY_WAIT_LEFT_OUT ->
          new TimingPolicy(
              is.heartbeatPeriod(),
              is.retryAttempts(),
              is.killGrace(),
              is.driftPermille(),
              is.margin(),
              Duration.ofMillis(10));
      default -> is;
    };
  }

  private static TimingPolicy with(
      TimingPolicy is,
      int attempts,
      Duration grace,
      int drift,
      Duration margin,
      TimingPolicy authority) {
    return new TimingPolicy(
        is.heartbeatPeriod(),
        Math.max(2, attempts),
        grace,
        drift,
        margin,
        authority.authorityTtl());
  }
}
