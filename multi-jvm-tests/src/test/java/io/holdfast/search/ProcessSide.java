package io.holdfast.search;

/**
 * What the machine knows of one task: its wrapper and process, and the files that outlive every JVM
 * (R9-R11).
 *
 * @param life how far the wrapper and the job's process got
 * @param claim who created {@code started}
 * @param killed the reason in {@code killed}
 * @param exit the record of the end
 */
record ProcessSide(Life life, Claim claim, Killed killed, Exit exit) {
  /** What nobody can tell apart any more is the same. */
  ProcessSide {
    if (claim == Claim.NEVER && (life == Life.NONE || life == Life.PENDING)) {
      // A wrapper can only find that it has lost.
      life = Life.GONE;
    }
    if (life == Life.GONE && exit != Exit.SIGNALLED) {
      killed = Killed.NO;
    }
  }

  /** Of wrapper and process. */
  enum Life {
    /** Nothing was launched. */
    NONE,
    /** The wrapper was forked and has not claimed its start. */
    PENDING,
    /** It has the claim; the child has not looked whether it may begin. */
    CLAIMED,
    /** It has looked, but not published its group: only a broken wrapper is ever here. */
    UNSEEN,
    /** The child has published itself and looked; it is, or becomes at once, the job. */
    ALIVE,
    /** Nothing lives and nothing can begin. */
    GONE
  }

  /** What stands in {@code started}. */
  enum Claim {
    NONE,
    NEVER,
    WRAPPER
  }

  /** What stands in {@code killed}. */
  enum Killed {
    NO,
    LEASE_OVER,
    CANCELLED,
    LOST_ELSEWHERE,
    OTHER
  }

  /** What the wrapper recorded. */
  enum Exit {
    NONE,
    ZERO,
    SIGNALLED,
    NOT_STARTED
  }

  static final ProcessSide NOTHING = new ProcessSide(Life.NONE, Claim.NONE, Killed.NO, Exit.NONE);

  /** Nothing lives, nothing can begin, and nobody wants to know how it was. */
  static final ProcessSide OVER = new ProcessSide(Life.GONE, Claim.NEVER, Killed.NO, Exit.NONE);

  ProcessSide with(Life next) {
    return new ProcessSide(next, claim, killed, exit);
  }

  ProcessSide ended(Exit how) {
    return new ProcessSide(Life.GONE, claim, killed, how);
  }

  /** Whatever lived has ended, and nobody recorded how. */
  ProcessSide powerOff() {
    return life == Life.NONE ? this : new ProcessSide(Life.GONE, claim, killed, exit);
  }

  ProcessSide kill(Killed why) {
    return killed == Killed.NO ? new ProcessSide(life, claim, why, exit) : this;
  }

  /** {@code ln} fails where the name exists. */
  ProcessSide claimNever() {
    if (claim != Claim.NONE) {
      return this;
    }
    return new ProcessSide(life, Claim.NEVER, killed, exit);
  }

  ProcessSide claimed() {
    return new ProcessSide(Life.CLAIMED, Claim.WRAPPER, killed, exit);
  }

  /** Whether the guardian still has something to do or to prevent here. */
  boolean isDangerous() {
    return switch (life) {
      case ALIVE, UNSEEN -> true;
      case PENDING -> claim == Claim.NONE;
      case CLAIMED -> killed == Killed.NO;
      case NONE, GONE -> false;
    };
  }

  /** Whether who stops it finds nothing of it any more. */
  boolean seemsGone() {
    return switch (life) {
      case ALIVE, CLAIMED -> false;
      case PENDING -> claim != Claim.NONE;
      case NONE, GONE, UNSEEN -> true;
    };
  }
}
