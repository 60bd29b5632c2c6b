/**
 * What master and agent have in common: ids, wire messages and the pure rules. No Akka, no clock,
 * no chance, no I/O here; a test holds that.
 */
package io.holdfast.protocol;
