package io.holdfast.master.link;

import io.holdfast.protocol.id.SessionId;

/** Which exchange of which session an answer belongs to. */
public record Ticket(SessionId session, long number) {}
