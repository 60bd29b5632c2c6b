package io.holdfast.sim;

import io.holdfast.master.link.Link;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkStatus;
import io.holdfast.master.link.Ticket;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The actor of one link, over the real {@link Link}: the client, the timers, the reconciler. */
final class LinkShell implements Link.Surroundings {
  final MasterNode node;
  final AgentMachine machine;
  final Incarnation life;
  private final World world;
  private final Puller puller;
  private final ArrayDeque<Consumer<ReconcilerShell>> waiting = new ArrayDeque<>();
  private Link core;
  private ReconcilerShell reconciler;
  private boolean stepsDown;
  private Optional<MasterEpoch> own = Optional.empty();
  private int coupleTimer;

  LinkShell(MasterNode node, AgentMachine machine) {
    this.node = node;
    this.machine = machine;
    this.world = node.world;
    this.life = new Incarnation("life-" + node.number);
    this.puller = new Puller(this);
  }

  Link core() {
    return core;
  }

  void start() {
    core =
        new Link(
            new Link.Identity(
                machine.id, machine.name, node.store.journalId, Mutation.masters(world, node)),
            this);
    spawn();
    node.after(tick(), this::onTick);
  }

  private long tick() {
    return world.timing.heartbeatPeriod().toNanos() / 5;
  }

  private void onTick() {
    node.after(tick(), this::onTick);
    core.tick();
  }

  private void spawn() {
    core.recovering();
    stepsDown = false;
    reconciler = new ReconcilerShell(this, own);
    reconciler.recover();
    while (!waiting.isEmpty()) {
      hand(reconciler, waiting.remove());
    }
  }

  private void reconcile(Consumer<ReconcilerShell> message) {
    if (stepsDown) {
      waiting.add(message);
    } else {
      hand(reconciler, message);
    }
  }

  private static void hand(ReconcilerShell to, Consumer<ReconcilerShell> message) {
    to.tell(() -> message.accept(to));
  }

  void assign(TaskSpec spec, boolean releaseByTime, boolean again, Runnable accepted) {
    reconcile(r -> r.perform(r.core.assign(r.state(), spec, releaseByTime, again, accepted)));
  }

  void ask(JobName job) {
    reconcile(r -> r.core.asked(r.state(), job));
  }

  void compareAgain() {
    core.compareAgain();
  }

  void stop(ExecutionId id, Runnable accepted) {
    reconcile(r -> r.perform(r.core.stop(r.state(), id, accepted)));
  }

  /** {@code confirmed}, once it is durable; nothing is said when it is refused. */
  void confirmLost(Consumer<LinkEvent.ConfirmedLost> confirmed) {
    boolean heard = core.isHeard() && !world.broken(Mutation.CONFIRMED_THOUGH_CONNECTED);
    reconcile(
        r ->
            r.perform(
                r.core.confirmLost(
                    r.state(),
                    heard,
                    "ann",
                    "the machine is off",
                    event -> event.ifPresent(confirmed))));
  }

  void outputStored(ExecutionId id) {
    reconcile(r -> r.perform(r.core.outputStored(r.state(), id)));
  }

  void fetch(ExecutionId id, long bytes) {
    puller.fetch(id, bytes, true);
  }

  void forget(Set<ExecutionId> gone) {
    gone.forEach(puller::forget);
  }

  /** A broken rule may show the master another answer than the agent gave. */
  Couple.Response seen(Couple.Response r) {
    if (!world.broken(Mutation.INVENTORY_EMPTY)) {
      return r;
    }
    return new Couple.Response(
        r.agent(),
        r.journal(),
        r.incarnation(),
        r.session(),
        r.anchor(),
        r.taskLimit(),
        List.of(),
        r.used());
  }

  // What the link sees of the world.

  @Override
  public Duration now() {
    return Duration.ofNanos(node.host.monotonic());
  }

  @Override
  public Instant wallClock() {
    return node.host.wall();
  }

  @Override
  public void couple(long attempt, Couple.Request request) {
    TimingPolicy timing = world.timing;
    Couple.Request sent =
        new Couple.Request(
            request.agent(), request.masterJournal(), request.epoch(), timing, request.life());
    Reply reply = new Reply(this, attempt, null);
    int master = node.side.index;
    world.net.request(
        node, machine, reply, () -> machine.agent.session(master).coupleArrived(sent, reply));
  }

  @Override
  public void exchange(Ticket ticket, Exchange.Request request) {
    Reply reply = new Reply(this, 0, ticket);
    int master = node.side.index;
    world.net.request(
        node, machine, reply, () -> machine.agent.session(master).exchangeArrived(request, reply));
  }

  @Override
  public void coupleAfter(Duration delay) {
    int mine = ++coupleTimer;
    Runnable couple =
        () -> {
          if (mine == coupleTimer) {
            core.couple();
          }
        };
    if (delay.isZero()) {
      node.tell(couple);
    } else {
      node.after(delay.toNanos(), couple);
    }
  }

  @Override
  public void coupleNoMore() {
    coupleTimer++;
  }

  @Override
  public void flushSoon() {
    node.tell(core::flush);
  }

  @Override
  public void stepDown() {
    stepsDown = true;
    ReconcilerShell old = reconciler;
    old.tell(
        () -> {
          old.stop();
          node.tell(this::spawn);
        });
  }

  @Override
  public void compare(Couple.Response agent) {
    reconcile(r -> r.perform(r.core.coupled(r.state(), agent)));
  }

  @Override
  public void responded(
      List<Exchange.Report> reports,
      List<ExecutionId> released,
      List<Exchange.RefusedStart> refused) {
    reconcile(r -> r.perform(r.core.responded(r.state(), reports, released, refused)));
  }

  @Override
  public void sessionOver() {
    reconcile(r -> r.core.sessionOver());
  }

  @Override
  public void leaseOver(Optional<Set<ExecutionId>> only, String why) {
    reconcile(r -> r.perform(r.core.leaseOver(r.state(), only, why)));
  }

  @Override
  public void supersede(MasterEpoch seen) {
    reconcile(r -> r.perform(r.core.supersede(r.state(), seen, after -> recovered(after.epoch()))));
  }

  @Override
  public Optional<Incarnation> life() {
    return Optional.of(life);
  }

  @Override
  public boolean mayAct() {
    return node.hasAuthority();
  }

  @Override
  public void outputGrew(Exchange.OutputSize size) {
    puller.fetch(size.execution(), size.stdoutBytes(), false);
  }

  @Override
  public void show(LinkStatus status) {
    node.show(machine.index, status);
  }

  // What the reconciler tells.

  void recovered(MasterEpoch epoch) {
    node.tell(
        () -> {
          own = Optional.of(epoch);
          core.recovered(epoch);
        });
  }

  void ready(
      SessionId session,
      LinkEvent.Reconciled report,
      Set<ExecutionId> waitingFor,
      List<MasterCommand> commands) {
    node.tell(() -> core.ready(session, report, waitingFor, commands));
  }

  void send(List<MasterCommand> commands) {
    node.tell(() -> core.send(commands));
  }
}
