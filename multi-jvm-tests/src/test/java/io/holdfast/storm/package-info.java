/**
 * Real masters, agents and jobs in a storm of faults drawn from one seed, and the comparison of
 * what the jobs noted themselves with what the masters say.
 */
package io.holdfast.storm;
