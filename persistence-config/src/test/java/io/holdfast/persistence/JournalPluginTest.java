package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.CoordinatedShutdown;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real persistent actors on the plugin, as a program would have them. */
class JournalPluginTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<ActorTestKit> kits = new ArrayList<>();

  @TempDir Path directory;

  record Added(int amount) implements JournalEvent {}

  /** Has no name in the registry. */
  record Nameless(int amount) implements JournalEvent {}

  private sealed interface Command permits Add, AddNameless, Get {}

  private record Add(int amount, int times, ActorRef<Integer> replyTo) implements Command {}

  private record AddNameless() implements Command {}

  private record Get(ActorRef<Integer> replyTo) implements Command {}

  /** Adds up. */
  private static final class Sum extends EventSourcedBehavior<Command, JournalEvent, Integer> {
    Sum(String id) {
      super(PersistenceId.ofUniqueId(id));
    }

    @Override
    public Integer emptyState() {
      return 0;
    }

    @Override
    public CommandHandler<Command, JournalEvent, Integer> commandHandler() {
      return newCommandHandlerBuilder()
          .forAnyState()
          .onCommand(
              Add.class,
              (sum, add) ->
                  Effect()
                      .persist(
                          java.util.Collections.<JournalEvent>nCopies(
                              add.times(), new Added(add.amount())))
                      .thenReply(add.replyTo(), now -> now))
          .onCommand(AddNameless.class, (sum, add) -> Effect().persist(new Nameless(1)))
          .onCommand(Get.class, (sum, get) -> Effect().none().thenReply(get.replyTo(), now -> now))
          .build();
    }

    @Override
    public EventHandler<Integer, JournalEvent> eventHandler() {
      return newEventHandlerBuilder()
          .forAnyState()
          .onEvent(Added.class, (sum, added) -> sum + added.amount())
          .onEvent(Nameless.class, (sum, added) -> sum + added.amount())
          .build();
    }

    @Override
    public Set<String> tagsFor(JournalEvent event) {
      return Set.of("sums");
    }
  }

  @AfterEach
  void stop() {
    kits.forEach(ActorTestKit::shutdownTestKit);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void recoversActorsAfterARestart(Flavour flavour) {
    ActorTestKit first = start(flavour);
    for (int n = 0; n < 20; n++) {
      ActorRef<Command> sum = first.spawn(new Sum("sum|" + n));
      assertThat(ask(first, sum, n, 3)).isEqualTo(3 * n);
      assertThat(ask(first, sum, 1, 1)).isEqualTo(3 * n + 1);
    }
    first.shutdownTestKit();

    ActorTestKit second = start(flavour);
    assertThat(JournalFixture.await(JournalStore.get(second.system()).persistenceIds("sum|")))
        .hasSize(20);
    for (int n = 0; n < 20; n++) {
      ActorRef<Command> sum = second.spawn(new Sum("sum|" + n));
      assertThat(get(second, sum)).isEqualTo(3 * n + 1);
      assertThat(ask(second, sum, 1, 1)).isEqualTo(3 * n + 2);
    }
  }

  @Test
  void secondWriterOfAnIdIsStopped() {
    ActorTestKit kit = start(Flavour.NATIVE);
    ActorRef<Command> one = kit.spawn(new Sum("twice"));
    ActorRef<Command> two = kit.spawn(new Sum("twice"));
    assertThat(get(kit, one)).isZero();
    assertThat(get(kit, two)).isZero();

    assertThat(ask(kit, one, 5, 1)).isEqualTo(5);
    TestProbe<Integer> probe = kit.createTestProbe();
    two.tell(new Add(7, 1, probe.getRef()));
    probe.expectTerminated(two, PATIENCE);

    assertThat(ask(kit, one, 5, 1)).isEqualTo(10);
    assertThat(get(kit, kit.spawn(new Sum("twice")))).isEqualTo(10);
  }

  @Test
  void R14_whoIsTurnedAwayStopsAndStartsAgainWithAllThatWasAcknowledged() throws Exception {
    int actors = 200;
    ActorTestKit kit = kit(config(Flavour.NATIVE, "max-waiting-writes = 10"));
    JournalStore journal = JournalStore.get(kit.system());
    Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    Set<Integer> ended = ConcurrentHashMap.newKeySet();
    List<ActorRef<Command>> sums = new ArrayList<>();
    for (int n = 0; n < actors; n++) {
      sums.add(kit.spawn(new Sum("sum|" + n)));
      assertThat(ask(kit, sums.get(n), 1, 1)).isEqualTo(1);
    }
    kit.spawn(notingEnds(sums, ended));
    CountDownLatch gate = holdTheWriter(journal);
    for (int n = 0; n < actors; n++) {
      sums.get(n).tell(new Add(1, 1, kit.spawn(noting(n, acknowledged))));
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> JournalFixture.write(journal, "one-too-many", 2, 2))
                    .isInstanceOf(JournalBusyException.class));
    assertThat(acknowledged).isEmpty();
    gate.countDown();

    Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() + ended.size() == actors);
    assertThat(acknowledged.size()).isBetween(10, actors - 1).isEqualTo(actors - ended.size());
    untilTheJournalIsUsedAgain(kit);
    for (int n = 0; n < actors; n++) {
      ActorRef<Command> again = ended.contains(n) ? kit.spawn(new Sum("sum|" + n)) : sums.get(n);
      int sum = get(kit, again);
      // Of who has heard nothing the outcome is unknown.
      assertThat(sum).isBetween(acknowledged.contains(n) ? 2 : 1, 2);
      assertThat(ask(kit, again, 5, 1)).isEqualTo(sum + 5);
    }
    kit.shutdownTestKit();
    assertThat(JournalCheck.of(directory).damages()).isEmpty();
  }

  private static Behavior<Integer> noting(int number, Set<Integer> acknowledged) {
    return Behaviors.receiveMessage(
        sum -> {
          acknowledged.add(number);
          return Behaviors.stopped();
        });
  }

  private static Behavior<Integer> notingEnds(List<ActorRef<Command>> watched, Set<Integer> ended) {
    return Behaviors.setup(
        context -> {
          for (int n = 0; n < watched.size(); n++) {
            context.watchWith(watched.get(n), n);
          }
          return Behaviors.receiveMessage(
              number -> {
                ended.add(number);
                return Behaviors.same();
              });
        });
  }

  /** Akka's circuit breaker opens after some failures, and fails everybody for a while. */
  private static void untilTheJournalIsUsedAgain(ActorTestKit kit) {
    AtomicInteger tries = new AtomicInteger();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> {
              Set<Integer> answered = ConcurrentHashMap.newKeySet();
              int n = tries.incrementAndGet();
              Set<Integer> ended = ConcurrentHashMap.newKeySet();
              ActorRef<Command> sum = kit.spawn(new Sum("try|" + n));
              kit.spawn(notingEnds(List.of(sum), ended));
              sum.tell(new Add(1, 1, kit.spawn(noting(n, answered))));
              Awaitility.await().until(() -> answered.size() + ended.size() > 0);
              return !answered.isEmpty();
            });
  }

  /** Keeps the committing thread busy until the gate is opened. */
  private static CountDownLatch holdTheWriter(JournalStore journal) throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    for (long n = 1; held.getCount() > 0; n++) {
      // Who is told of a commit is told on its thread, unless it is over already.
      var unused =
          journal
              .write(List.of(JournalFixture.event("gate", n, "x")))
              .thenRun(() -> waitIfWriter(held, gate));
      boolean tried = held.await(1, TimeUnit.SECONDS);
      assertThat(tried || n < 20).isTrue();
    }
    return gate;
  }

  private static void waitIfWriter(CountDownLatch held, CountDownLatch gate) {
    if (!Thread.currentThread().getName().equals("holdfast-journal-writer")) {
      return;
    }
    held.countDown();
    try {
      assertThat(gate.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void actorWithARejectedEventFailsAndRecoversWithoutIt() {
    ActorTestKit kit = start(Flavour.NATIVE);
    ActorRef<Command> sum = kit.spawn(new Sum("rejected"));
    assertThat(ask(kit, sum, 5, 1)).isEqualTo(5);
    TestProbe<Integer> probe = kit.createTestProbe();
    sum.tell(new AddNameless());
    probe.expectTerminated(sum, PATIENCE);

    ActorRef<Command> again = kit.spawn(new Sum("rejected"));
    assertThat(ask(kit, again, 1, 2)).isEqualTo(7);
  }

  @Test
  void actorWithADamagedEventDoesNotRecover() {
    ActorTestKit first = start(Flavour.NATIVE);
    assertThat(ask(first, first.spawn(new Sum("damaged")), 5, 3)).isEqualTo(15);
    first.shutdownTestKit();
    JournalFixture.tamper(
        directory,
        Flavour.NATIVE,
        JournalKeys.event("damaged", 2),
        value -> value[value.length - 6] ^= 1);

    ActorTestKit second = start(Flavour.NATIVE);
    TestProbe<Integer> probe = second.createTestProbe();
    ActorRef<Command> sum = second.spawn(new Sum("damaged"));
    sum.tell(new Get(probe.getRef()));
    probe.expectTerminated(sum, PATIENCE);
    probe.expectNoMessage(Duration.ZERO);
  }

  @Test
  void givesTheDirectoryUpAtACoordinatedShutdown() {
    ActorTestKit first = start(Flavour.NATIVE);
    ActorRef<Command> sum = first.spawn(new Sum("shut-down"));
    ask(first, sum, 1, 1);
    TestProbe<Integer> probe = first.createTestProbe();
    for (int i = 0; i < 100; i++) {
      sum.tell(new Add(1, 1, probe.getRef()));
    }
    var done = CoordinatedShutdown.get(first.system()).runAll(CoordinatedShutdown.unknownReason());
    JournalFixture.await(done);

    ActorTestKit second = start(Flavour.NATIVE);
    assertThat(get(second, second.spawn(new Sum("shut-down")))).isBetween(1, 101);
  }

  @Test
  void secondActorSystemOfADirectoryIsToldSo() {
    ActorTestKit first = start(Flavour.NATIVE);
    ActorTestKit second = kit(config(Flavour.NATIVE));
    assertThatThrownBy(() -> JournalStore.get(second.system()))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("is in use");
    assertThat(ask(first, first.spawn(new Sum("undisturbed")), 5, 1)).isEqualTo(5);
  }

  private ActorTestKit start(Flavour flavour) {
    ActorTestKit kit = kit(config(flavour));
    JournalStore.get(kit.system());
    return kit;
  }

  private ActorTestKit kit(Config config) {
    ActorTestKit kit = ActorTestKit.create("plugin-test", config);
    kits.add(kit);
    return kit;
  }

  private Config config(Flavour flavour) {
    return config(flavour, "");
  }

  private Config config(Flavour flavour, String more) {
    return PersistenceConfig.withDefaults(
        ConfigFactory.parseString(
            """
            holdfast.journal.leveldb { %s }
            holdfast.journal.leveldb.dir = "%s"
            holdfast.journal.leveldb.native = %s
            holdfast.journal.events."sum-added/1" = "%s$Added"
            """
                .formatted(
                    more,
                    directory,
                    flavour == Flavour.NATIVE,
                    JournalPluginTest.class.getName())));
  }

  private static int ask(ActorTestKit kit, ActorRef<Command> sum, int amount, int times) {
    TestProbe<Integer> probe = kit.createTestProbe();
    sum.tell(new Add(amount, times, probe.getRef()));
    return probe.receiveMessage(PATIENCE);
  }

  private static int get(ActorTestKit kit, ActorRef<Command> sum) {
    TestProbe<Integer> probe = kit.createTestProbe();
    sum.tell(new Get(probe.getRef()));
    return probe.receiveMessage(PATIENCE);
  }
}
