/**
 * Masters and agents in a simulated world: the real rules and cores, one thread, virtual time, one
 * seed. Processes, disks, clocks and the network are made of numbers here, and go wrong as those of
 * the real world do; after every step the promises are checked from outside.
 */
package io.holdfast.sim;
