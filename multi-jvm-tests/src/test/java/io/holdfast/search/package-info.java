/**
 * A breadth-first search through all states that the product's own rules allow: a small system of
 * one master and two agents, in which messages are lost, late and doubled, JVMs die, masters follow
 * each other and clocks drift. {@link io.holdfast.search.Rules} is where the rules come in, and
 * where a wrong one can be put in their place; {@link io.holdfast.search.Invariants} says what must
 * hold.
 */
package io.holdfast.search;
