package io.holdfast.search;

import java.util.List;

/** What may be wrong with wrappers, processes and their ends (R2, R8, R9, R11). */
final class ProcessMutations {
  private static final Bounds ONE = Bounds.CALM.agents(1).executions(1).couplings(1);
  private static final Bounds AGAIN = ONE.couplings(2);

  private ProcessMutations() {}

  static List<Mutation> all() {
    return List.of(
        new Mutation(
            "the wrapper begins without the claim",
            "R9",
            "I3",
            ONE.restarts(1),
            new Rules() {
              @Override
              public boolean wrapperNeedsClaim() {
                return false;
              }
            }),
        new Mutation(
            "the claim is taken after the job has begun",
            "R9",
            "I3",
            ONE.restarts(1),
            new Rules() {
              @Override
              public boolean claimsBeforeTheJob() {
                return false;
              }
            }),
        new Mutation(
            "who recovers does not take the claim",
            "R9",
            "I3",
            AGAIN.restarts(1),
            new Rules() {
              @Override
              public boolean adoptionClaims() {
                return false;
              }
            }),
        new Mutation(
            "the child looks before it publishes its group",
            "R9",
            "I3",
            ONE.cancels(1),
            new Rules() {
              @Override
              public boolean childPublishesFirst() {
                return false;
              }
            }),
        new Mutation(
            "the child does not look for 'killed'",
            "R9",
            "I3",
            AGAIN,
            new Rules() {
              @Override
              public boolean childLooksForKilled() {
                return false;
              }
            }),
        new Mutation(
            "the child does not look at the deadline",
            "R2",
            "I3",
            ONE,
            new Rules() {
              @Override
              public boolean childChecksDeadline() {
                return false;
              }
            }),
        new Mutation(
            "a process of another boot is taken for the task's",
            "R10",
            "I7",
            AGAIN.reboots(1),
            new Rules() {
              @Override
              public boolean looksAtTheBoot() {
                return false;
              }
            }),
        new Mutation(
            "stopped is said before the tree is gone",
            "R11",
            "I3",
            ONE.cancels(1),
            new Rules() {
              @Override
              public boolean stopWaitsForTheTree() {
                return false;
              }
            }),
        new Mutation(
            "forked before the order is journalled",
            "R8",
            "I3",
            AGAIN.restarts(1).cancels(1),
            new Rules() {
              @Override
              public boolean acceptedBeforeFork() {
                return false;
              }
            }));
  }
}
