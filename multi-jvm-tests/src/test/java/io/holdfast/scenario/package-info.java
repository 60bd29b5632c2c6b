/**
 * The rules as scenarios: real masters and agents, real processes, real faults. Each test is named
 * after the rule that it holds and what must be seen.
 *
 * <p>No test measures how fast something is. Where an order matters, it is proven by what was
 * written down on the way: the ledger of the jobs, their ticks, the master's history.
 */
package io.holdfast.scenario;
