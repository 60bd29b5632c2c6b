package io.holdfast.agent.session;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import java.time.Duration;
import java.util.Optional;

/**
 * How a task stands, as its agent alone knows it.
 *
 * @param mine whether it may go on; not once it is being stopped or has ended
 * @param leaseRemaining how long it may run if its master is not heard again; absent when no lease
 *     ends it ({@code on-connection-loss: keep})
 */
public record Standing(
    ExecutionId execution,
    boolean mine,
    Optional<FencingToken> fencingToken,
    Optional<Duration> leaseRemaining) {}
