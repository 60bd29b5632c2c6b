package io.holdfast.master.audit;

/** Goes along the events of one persistence id, in their order, and finds what may not be. */
interface IdCheck {
  /** The next event, whose class and JSON are known. */
  void take(Seen seen, Object event);

  /** No event follows. */
  default void end() {}

  /** What follows is not known, and not checked. */
  default void broken() {}

  /** Checks nothing. */
  IdCheck NONE = (seen, event) -> {};
}
