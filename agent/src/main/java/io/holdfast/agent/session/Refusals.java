package io.holdfast.agent.session;

import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.wire.Refusal;
import java.util.Optional;

/** How a refusal is put to a master: what was refused, and the epoch that is obeyed (R4). */
final class Refusals {
  private Refusals() {}

  static Refusal of(Refusal.Code code, String message, MasterEpoch obeyed) {
    return new Refusal(code, message, Optional.of(obeyed));
  }

  static Refusal of(AgentLease.Denial denial, MasterEpoch obeyed) {
    return switch (denial) {
      case OLDER_EPOCH ->
          of(
              Refusal.Code.OLDER_EPOCH,
              "a newer master of this name has coupled: epoch " + obeyed,
              obeyed);
      case OTHER_SESSION, FOREIGN_ANCHOR ->
          of(Refusal.Code.OTHER_SESSION, "that session is not the current one", obeyed);
      case LEASE_OVER ->
          of(Refusal.Code.LEASE_OVER, "the lease is over; the tasks are being stopped", obeyed);
    };
  }
}
