package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the link does to the world, and a clock that the test moves. */
final class LinkWorld implements Link.Surroundings {
  final List<Couple.Request> couplings = new ArrayList<>();
  final List<Ticket> tickets = new ArrayList<>();
  final List<Exchange.Request> requests = new ArrayList<>();
  final List<TaskCall> calls = new ArrayList<>();
  long attempt;

  /** When the next attempt is planned for. */
  Duration coupleAt;

  final List<MasterEpoch> superseded = new ArrayList<>();
  final List<String> leasesOver = new ArrayList<>();
  final List<Optional<Instant>> unheard = new ArrayList<>();
  Duration now = Duration.ofHours(1);
  boolean mayAct = true;
  LinkStatus shown;
  int compared;

  /** What happens when the reconciler is to step down. */
  Runnable stepDown = () -> {};

  @Override
  public Duration now() {
    return now;
  }

  @Override
  public Instant wallClock() {
    return Links.NOW;
  }

  @Override
  public void couple(long number, Couple.Request request) {
    attempt = number;
    couplings.add(request);
  }

  @Override
  public void exchange(Ticket ticket, Exchange.Request request) {
    tickets.add(ticket);
    requests.add(request);
  }

  @Override
  public void coupleAfter(Duration delay) {
    coupleAt = now.plus(delay);
  }

  @Override
  public void coupleNoMore() {}

  @Override
  public void flushSoon() {}

  @Override
  public void stepDown() {
    stepDown.run();
  }

  @Override
  public void compare(Couple.Response agent) {
    compared++;
  }

  @Override
  public void responded(
      List<Exchange.Report> reports,
      List<ExecutionId> released,
      List<Exchange.RefusedStart> refused) {}

  @Override
  public void supersede(MasterEpoch seen) {
    superseded.add(seen);
  }

  @Override
  public boolean mayAct() {
    return mayAct;
  }

  @Override
  public void sessionOver() {}

  @Override
  public void leaseOver(Optional<Set<ExecutionId>> only, String why) {
    leasesOver.add(why);
  }

  @Override
  public void unheard(Optional<Instant> lastHeard) {
    unheard.add(lastHeard);
  }

  @Override
  public void taskCalls(TaskCall call) {
    calls.add(call);
  }

  @Override
  public void outputGrew(Exchange.OutputSize size) {}

  @Override
  public void show(LinkStatus status) {
    shown = status;
  }
}
