package io.holdfast.master.cli;

import io.holdfast.master.cli.CliFailure.NoContact;
import io.holdfast.master.job.Durations;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Repeats a request while the master is away, for a bounded time. A run does not depend on the
 * command that watches it, so a cut connection is worth a notice and no more.
 */
final class Contact {
  private final CliIo io;
  private final MasterAddress master;
  private final String meanwhile;
  private final String afterwards;
  private int losses;

  /**
   * A contact in which nothing was lost yet.
   *
   * @param meanwhile said when the contact is lost: what becomes of the run
   * @param afterwards said when it stays lost: how to look after the run later
   */
  Contact(CliIo io, MasterAddress master, String meanwhile, String afterwards) {
    this.io = io;
    this.master = master;
    this.meanwhile = meanwhile;
    this.afterwards = afterwards;
  }

  /** The request's answer, from the first attempt that gets one. */
  <T> T insist(Supplier<T> request) {
    long giveUp = 0;
    while (true) {
      try {
        T answer = request.get();
        if (giveUp != 0) {
          io.notice("in contact with the master again");
        }
        return answer;
      } catch (NoContact e) {
        Duration patience = io.patience().giveUp();
        if (giveUp == 0) {
          giveUp = System.nanoTime() + patience.toNanos();
          losses++;
          io.notice(
              "lost contact with the master at %s: %s. Trying for %s; %s"
                  .formatted(master, e.why(), Durations.format(patience), meanwhile));
        } else if (System.nanoTime() - giveUp > 0) {
          throw new CliFailure(
              "no contact with the master at %s for %s (%s).%n%s"
                  .formatted(master, Durations.format(patience), e.why(), afterwards),
              e);
        }
        pause(io.patience().retry());
      }
    }
  }

  /** How often the contact was lost so far. Open streams are not to be trusted after a loss. */
  int losses() {
    return losses;
  }

  static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliFailure("interrupted", e);
    }
  }
}
