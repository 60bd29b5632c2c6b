/**
 * The lease between a master and an agent, both sides of it (R1-R4), as pure functions of times
 * that are given. The agent stops a master's tasks at a deadline that counts from its own anchor;
 * the master gives them up only after a longer wait that counts from the receipt of that anchor. So
 * the agent is always first, without synchronised clocks.
 */
package io.holdfast.protocol.lease;
