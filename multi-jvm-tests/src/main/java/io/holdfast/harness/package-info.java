/**
 * What the tests with real JVMs, the demo and the benchmark are made of: start programs, break the
 * network between them, kill and pause them, and find out what the jobs really did.
 *
 * <p>Nothing here knows the code of master or agent. The harness meets them where a user does:
 * command line, config file, standard output, HTTP API and the processes of the machine. So it
 * cannot share their mistakes.
 *
 * <ul>
 *   <li>{@link io.holdfast.harness.LocalSystem} is the way in: masters and agents on this machine,
 *       a {@link io.holdfast.harness.FaultProxy} on each link.
 *   <li>{@link io.holdfast.harness.EffectLedger} is the witness: the jobs themselves write down
 *       when they ran.
 *   <li>{@link io.holdfast.harness.ProcessTable} asks the kernel what still lives.
 * </ul>
 */
package io.holdfast.harness;
