package io.holdfast.master.audit;

import io.holdfast.master.link.LinkEvent;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether an agent was heard at a past moment, from the events of its link in their order: those up
 * to the moment, and the first after it that says something of that.
 */
final class PastLink {
  private final Instant moment;
  private Optional<Instant> heard = Optional.empty();
  private Optional<LinkEvent.Unheard> unheard = Optional.empty();
  private Optional<LinkEvent> next = Optional.empty();
  private boolean reconciled;

  PastLink(Instant moment) {
    this.moment = moment;
  }

  /** It had happened by then. */
  void happened(LinkEvent event, Instant at) {
    if (event instanceof LinkEvent.Unheard silence) {
      unheard = Optional.of(silence);
    } else if (event instanceof LinkEvent.Activated) {
      unheard = Optional.empty();
      reconciled = false;
    } else if (event instanceof LinkEvent.Reconciled || event instanceof LinkEvent.Reported) {
      unheard = Optional.empty();
      heard = Optional.of(at);
      reconciled |= event instanceof LinkEvent.Reconciled;
    }
  }

  /** It happened later. */
  void cameNext(LinkEvent event) {
    boolean says =
        event instanceof LinkEvent.Reconciled
            || event instanceof LinkEvent.Reported
            || event instanceof LinkEvent.Activated
            || event instanceof LinkEvent.Unheard;
    if (says && next.isEmpty()) {
      next = Optional.of(event);
    }
  }

  boolean isToldWhatCameNext() {
    return next.isPresent();
  }

  /** When the agent last said something that was journalled. */
  Optional<Instant> heard() {
    return heard;
  }

  /** When the journal says next something of hearing it. */
  Optional<Instant> next() {
    return next.map(LinkEvent::at);
  }

  /** Since when it was unreachable, if it was: that may have been noticed only later. */
  Optional<Instant> unreachableSince() {
    if (unheard.isPresent()) {
      return unheard.map(silence -> silence.lastHeard().orElse(silence.at()));
    }
    return noticedNext()
        .flatMap(LinkEvent.Unheard::lastHeard)
        .filter(last -> !last.isAfter(moment));
  }

  private Optional<LinkEvent.Unheard> noticedNext() {
    return next.filter(LinkEvent.Unheard.class::isInstance).map(LinkEvent.Unheard.class::cast);
  }

  /** How it stood, and what came next. */
  String words() {
    if (unheard.isPresent()) {
      return "unreachable; " + thenWords();
    }
    if (unreachableSince().isPresent()) {
      return "unreachable; that was noticed next";
    }
    String before = reconciled ? "heard; " : "not heard in this epoch; ";
    return before
        + (next.isPresent() && next.get() instanceof LinkEvent.Reconciled
            ? "then a reconciliation: it was away before it"
            : thenWords());
  }

  private String thenWords() {
    if (next.isEmpty()) {
      return "nothing later is in the journal";
    }
    if (noticedNext().isPresent()) {
      return "then unreachable";
    }
    return next.get() instanceof LinkEvent.Activated
        ? "then a new life of the master"
        : "then heard again";
  }
}
