package io.holdfast.sim;

/** That the guardian holds the tasks of a master: the file {@code held}, and the rule (R12). */
final class Hold {
  /** Why. */
  enum Why {
    NO,
    LATE,
    DOUBT
  }

  /** What the guardian does about the lease of one master. */
  enum Verdict {
    LEAVE,
    HOLD_LATE,
    HOLD_DOUBT,
    RELEASE,
    STOP,
    KILL
  }

  Why why = Why.NO;
  long since;

  /** Released at the second look in a row: a stop that came with the proof comes first. */
  boolean sure;

  boolean isOn() {
    return why != Why.NO;
  }

  void forget() {
    why = Why.NO;
    since = 0;
    sure = false;
  }

  /**
   * The rule as {@code guardian.sh} has it.
   *
   * @param over the lease, by the boot clock
   * @param passed its end, by the wall clock
   * @param late this look came late
   * @param heard the master, since the hold began
   * @param settled two seconds have gone by since
   */
  Verdict judge(boolean over, boolean passed, boolean late, boolean heard, boolean settled) {
    if (over) {
      boolean isProven = heard && !passed;
      return why == Why.DOUBT && !isProven ? Verdict.KILL : Verdict.STOP;
    }
    if (passed) {
      return Verdict.HOLD_DOUBT;
    }
    return switch (why) {
      case NO -> late ? Verdict.HOLD_LATE : Verdict.LEAVE;
      case LATE -> heard || settled ? Verdict.RELEASE : Verdict.HOLD_LATE;
      case DOUBT -> heard ? Verdict.RELEASE : Verdict.HOLD_DOUBT;
    };
  }
}
