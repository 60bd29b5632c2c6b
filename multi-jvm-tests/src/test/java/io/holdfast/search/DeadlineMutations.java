package io.holdfast.search;

import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.lease.MasterHold;
import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;
import java.util.List;

/** What may be wrong with the end of a lease and with the end of the wait for it (R2-R4). */
final class DeadlineMutations {
  private static final Bounds ONE = Bounds.CALM.agents(1).executions(1).couplings(1);
  private static final Bounds AGAIN = ONE.couplings(2);

  private DeadlineMutations() {}

  static List<Mutation> all() {
    return List.of(
        new Mutation(
            "the deadline file is not renewed",
            "R2",
            "I8",
            ONE,
            new Rules() {
              @Override
              public int written(int file, int deadline) {
                return file == Ticks.NEVER ? deadline : file;
              }
            }),
        new Mutation(
            "the lease is taken for over a tick too early",
            "R2",
            "I8",
            ONE,
            new Rules() {
              @Override
              public boolean isOver(AgentLease lease, Duration now) {
                return lease.isOver(now.plusMillis(Ticks.TICK));
              }
            }),
        new Mutation(
            "the end of a lease forgets the epoch",
            "R4",
            "I4",
            ONE.messages(2).failovers(1),
            new Rules() {
              @Override
              public AgentLease close(AgentLease lease) {
                return AgentLease.NONE;
              }
            }),
        new Mutation(
            "the wait counts from the answer before",
            "R3",
            "I3",
            ONE,
            new Rules() {
              @Override
              public MasterHold received(MasterHold hold, Duration anchor, Duration now) {
                Duration before = hold.newest().map(MasterHold.Anchor::receivedAt).orElse(now);
                return hold.received(anchor, before);
              }
            }),
        new Mutation(
            "what ran in a former data directory is not waited for",
            "R3",
            "I3",
            AGAIN.wipes(1),
            new Rules() {
              @Override
              public Duration releasableAt(MasterHold hold, TimingPolicy policy) {
                return hold.countsFrom();
              }
            }));
  }
}
