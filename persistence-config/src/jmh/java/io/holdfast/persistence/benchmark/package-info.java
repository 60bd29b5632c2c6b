/**
 * How fast the journals are, measured with JMH: {@link
 * io.holdfast.persistence.benchmark.JournalBenchmarks} is the program. Not a test, and no part of
 * what is shipped; {@code docs/benchmarks.md} says how to run it and what came of it.
 */
package io.holdfast.persistence.benchmark;
