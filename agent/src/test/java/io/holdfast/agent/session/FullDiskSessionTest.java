package io.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.testing.machine.SmallFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session whose journal is on a disk that is really full. */
class FullDiskSessionTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final AgentId AGENT = new AgentId("agent-1");
  private static final MasterEpoch EPOCH = new MasterEpoch(1);
  private static final ExecutionId A = ExecutionId.parse("a#1.1");

  @TempDir Path folder;
  private SmallFileSystem disk;
  private ActorTestKit kit;
  private ActorRef<MasterSession.Message> session;
  private TestProbe<Answer> answers;

  @BeforeEach
  void begin() {
    disk = SmallFileSystem.over(folder, "48m");
    kit =
        ActorTestKit.create(
            "full-disk",
            PersistenceConfig.withDefaults(
                ConfigFactory.parseMap(
                        Map.of(
                            "holdfast.journal.leveldb.dir",
                            folder.resolve("journal").toString(),
                            "holdfast.journal.leveldb.min-free-space",
                            "16 MiB"))
                    .withFallback(ConfigFactory.parseResources("agent-akka.conf"))));
    answers = kit.createTestProbe();
    session =
        kit.spawn(
            MasterSession.create(
                new MasterId("m"),
                List.of(),
                new MasterSession.Setting(
                    AGENT,
                    new JournalId("aj-1"),
                    new Incarnation("i-1"),
                    4,
                    Duration.ofMillis(10),
                    new FakeMachine())));
  }

  @AfterEach
  void end() {
    if (disk != null) {
      kit.shutdownTestKit();
      disk.close();
    }
  }

  /** As its master does: again and again. */
  private Couple.Response couple() {
    Answer answer = await().atMost(SOON).until(this::coupleOnce, Answer.Coupled.class::isInstance);
    return ((Answer.Coupled) answer).response();
  }

  private Answer coupleOnce() {
    session.tell(
        new MasterSession.CoupleArrived(
            new Couple.Request(AGENT, new JournalId("mj-1"), EPOCH, TimingPolicy.DEFAULT),
            answers.getRef()));
    return answers.receiveMessage(SOON);
  }

  private void start(Couple.Response in, int request) {
    var spec =
        new TaskSpec(
            A,
            new FencingToken(1),
            "true",
            new TreeMap<>(),
            Optional.empty(),
            Duration.ZERO,
            ConnectionLossPolicy.STOP_AFTER_LEASE);
    var start = new MasterCommand.Start(spec, A.request(request), Optional.empty());
    session.tell(
        new MasterSession.ExchangeArrived(
            new Exchange.Request(in.session(), EPOCH, 1, in.anchor(), List.of(start)),
            kit.<Answer>createTestProbe().getRef()));
  }

  @Test
  void P3_a_start_that_the_journal_refuses_does_not_keep_its_master_from_coupling()
      throws IOException {
    Couple.Response first = couple();
    disk.fill();
    start(first, 1);
    Couple.Response second = couple();
    assertThat(second.inventory()).isEmpty();
    disk.empty();
    start(second, 2);
    Couple.Response third = couple();
    assertThat(third.inventory()).extracting(InventoryItem::execution).containsExactly(A);
    assertThat(third.inventory().get(0).requests()).containsExactly(A.request(2));
  }
}
