/**
 * {@code holdfast demo}: a master, two agents and a network that breaks, on this machine, for a
 * person to watch. Made of the harness of the tests; knows neither the code of master nor agent.
 */
package io.holdfast.demo;
