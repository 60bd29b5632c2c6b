package io.holdfast.master.http;

import io.holdfast.persistence.JournalTrouble;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether new jobs and runs are taken: not while it is known that they could not be kept, or that
 * this master may not act. What is under way goes on meanwhile.
 *
 * @param disk why the disk takes nothing new, if so
 * @param journal why the journal takes nothing, if that is known
 * @param doubt why it is not certain that this master is still the one, if so (R13)
 */
public record Admission(
    Supplier<Optional<String>> disk,
    Supplier<Optional<JournalTrouble>> journal,
    Supplier<Optional<String>> doubt) {

  /** Why not, as an answer to who asks. */
  Optional<Problem> refusal() {
    Optional<JournalTrouble> trouble = journal.get();
    return disk.get()
        .map(why -> new Problem(507, "The master's disk is full", why))
        .or(() -> trouble.filter(JournalTrouble::isFull).map(t -> problem(507, t.why())))
        .or(() -> trouble.map(t -> problem(503, t.why())))
        .or(() -> doubt.get().map(why -> problem(503, why)));
  }

  /** Why what was asked for cannot be written now, if that is known. */
  Optional<String> trouble() {
    return journal.get().map(JournalTrouble::why);
  }

  private static Problem problem(int status, String why) {
    return new Problem(status, "The journal takes nothing new", why + ". Try again later.");
  }
}
