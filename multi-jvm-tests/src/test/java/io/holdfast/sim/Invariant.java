package io.holdfast.sim;

/** What must be true after every step. */
enum Invariant {
  I1("at most one living process of a job"),
  I2("no execution is executed twice"),
  I3("what is given up is dead and can never start"),
  I4("nothing obeys an epoch older than the highest seen"),
  I5("an outcome exists at the agent or in the master's journal until it is acknowledged"),
  I6("the master's output is a prefix of the agent's"),
  I7("one terminal outcome, amendments only add, success is never invented"),
  I8("a short outage kills nothing"),
  I9("a request that is handled twice has the effect of one"),
  I10("after the faults everything ends in time, and the stores are empty"),
  I11("nothing of one master reaches the tasks of another");

  final String words;

  Invariant(String words) {
    this.words = words;
  }
}
