package io.holdfast.master.link;

/** Whose the task is that an agent holds under an execution's id. */
enum Whose {
  /** That of our execution, as far as anybody knows. */
  OURS,
  /**
   * It was ordered by this master's journal before that lost its tail, and the id was used again:
   * our execution never ran.
   */
  EARLIER,
  /** A former master of this name, with another journal, ordered it. */
  FOREIGN
}
