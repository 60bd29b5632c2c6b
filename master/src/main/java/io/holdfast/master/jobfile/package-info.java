/**
 * Reads job files, and checks the parameters that a start gives. A file is read whole: either every
 * job in it is good, or none is taken and every error is told at once, each with its line, its
 * column and what would be right. Pure functions; no I/O, no clock.
 */
package io.holdfast.master.jobfile;
