package io.holdfast.storm;

import java.util.Locale;
import java.util.Random;

/** A kind of fault, and how often it is drawn, in hundredths. */
enum Strike {
  CONNECTIONS_RESET(5),
  LINE_CUT(20),
  LINE_CUT_ONE_WAY(10),
  LINE_DELAYED(5),
  AGENT_KILLED(8),
  AGENT_STOPPED(8),
  MASTER_KILLED(6),
  MASTER_STOPPED(6),
  GUARDIAN_KILLED(5),
  GUARDIAN_STOPPED(5),
  MACHINE_KILLED(4),
  WRAPPER_KILLED(4),
  WRAPPER_STOPPED(3),
  LEADER_KILLED(3),
  LEADER_STOPPED(3),
  DESCENDANT_KILLED(3),
  DESCENDANT_STOPPED(2);

  private final int weight;

  Strike(int weight) {
    this.weight = weight;
  }

  static Strike drawn(Random random) {
    int left = random.nextInt(100);
    for (Strike strike : values()) {
      left -= strike.weight;
      if (left < 0) {
        return strike;
      }
    }
    throw new AssertionError("the weights are not a hundred");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
