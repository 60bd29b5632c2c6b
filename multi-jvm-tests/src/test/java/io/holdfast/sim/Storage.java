package io.holdfast.sim;

import java.util.List;
import java.util.function.Consumer;

/**
 * A disk or a database: writes take time, fail, are torn by a crash. What a dead process had begun
 * to write may be durable or not, as a whole: a torn batch is dropped when the journal is opened.
 */
final class Storage {
  /** What a writer is told. */
  enum Written {
    OK,
    /** Unknown: it may be durable. */
    FAILED,
    /** Another writer has written here since: this one is a predecessor. */
    FENCED
  }

  private final World world;
  private final Dice dice;
  private long slowUntil;
  private long fullUntil;

  Storage(World world) {
    this.world = world;
    this.dice = world.dice.split();
  }

  void slow(long time) {
    slowUntil = world.now() + time;
  }

  /** No write succeeds, none lands; what is there can be read. */
  void full(long time) {
    fullUntil = world.now() + time;
  }

  private boolean isFull() {
    return world.now() < fullUntil && !world.faults.areOver();
  }

  /**
   * Whether a write of the last {@code within} may have taken seconds, or more than one attempt.
   */
  boolean isSlow(long within) {
    return world.options.sluggish || world.now() - within < Math.max(slowUntil, fullUntil);
  }

  /**
   * Whether it does not answer who asks whose it is: in half of the times in which it is slow, so
   * that a master may not act though nobody has taken over (R13).
   */
  boolean isSilent() {
    return world.now() < slowUntil && (slowUntil & 1) == 1 && !world.faults.areOver();
  }

  long latency() {
    long usual = dice.between(200, 2_000) * World.MICRO;
    boolean slow = world.now() < slowUntil || world.options.sluggish;
    return slow && dice.permille(300) ? usual + dice.between(0, 4 * World.SECOND) : usual;
  }

  <S, E> void write(
      Proc owner, Journal<S, E> journal, int expected, List<E> events, Consumer<Written> then) {
    int life = owner.life();
    int drawn = dice.below(1_000_000);
    // After the end of the faults no write fails: what was asked for then is to happen.
    int chance = world.faults.areOver() ? 1_000_000 : drawn;
    Options options = world.options;
    boolean crashesBefore = chance < options.crashAtBoundary;
    boolean crashesAfter = !crashesBefore && chance < 2 * options.crashAtBoundary;
    boolean fails =
        !crashesBefore
            && !crashesAfter
            && chance < 2 * options.crashAtBoundary + options.writeFails;
    boolean survives = dice.permille(500);
    int files = journal.replaced();
    world.agenda.after(
        latency(),
        () -> {
          boolean alive = owner.life() == life && owner.isUp();
          // A file is written by a process or not at all; what a database was told may land later.
          boolean tooLate = owner instanceof AgentNode && owner.isUp();
          boolean lost = journal.isGone() || journal.replaced() != files;
          if (lost || (!alive && (tooLate || !survives))) {
            return;
          }
          boolean fenced = journal.size() != expected || journal.refuses(owner);
          boolean full = isFull();
          boolean lands = !fenced && !full && !crashesBefore && (!fails || survives);
          if (lands) {
            journal.append(events);
          }
          if (!alive) {
            return;
          }
          if (crashesBefore || crashesAfter) {
            if (world.faults.crashAtBoundary(owner, crashesAfter)) {
              return;
            }
            if (crashesBefore) {
              answer(owner, life, then, Written.FAILED);
              return;
            }
          }
          answer(
              owner,
              life,
              then,
              fenced ? Written.FENCED : fails || full ? Written.FAILED : Written.OK);
        });
  }

  private static void answer(Proc owner, int life, Consumer<Written> then, Written written) {
    if (owner.life() == life) {
      owner.deliver(() -> then.accept(written));
    }
  }
}
