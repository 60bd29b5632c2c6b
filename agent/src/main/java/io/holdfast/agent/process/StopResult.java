package io.holdfast.agent.process;

import java.time.Duration;

/**
 * Nothing of the task lives, and nothing of it will (R11).
 *
 * @param neverStarted its start was prevented; there is no end to wait for
 * @param forced SIGKILL was needed
 */
public record StopResult(boolean neverStarted, boolean forced, Duration took) {}
