package io.holdfast.master;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.master.config.MasterConfig;
import io.holdfast.master.config.Persistence;
import io.holdfast.master.history.History;
import io.holdfast.master.http.Admission;
import io.holdfast.master.http.ApiRoutes;
import io.holdfast.master.http.Entities;
import io.holdfast.master.http.HistoryRoutes;
import io.holdfast.master.http.JobRoutes;
import io.holdfast.master.http.LiveRoutes;
import io.holdfast.master.http.RunRoutes;
import io.holdfast.master.log.LogStore;
import io.holdfast.master.run.JobEntity;
import io.holdfast.master.view.EventFeed;
import io.holdfast.master.view.ReadModel;
import io.holdfast.persistence.DataDirectory;
import io.holdfast.persistence.JournalStore;
import io.holdfast.persistence.JournalTrouble;
import io.holdfast.persistence.Proof;
import io.holdfast.persistence.StartRoom;
import io.holdfast.persistence.postgres.PostgresJournal;
import io.holdfast.persistence.postgres.PostgresOwner;
import io.holdfast.persistence.snapshot.FileSnapshots;
import io.holdfast.persistence.snapshot.SnapshotSettings;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Puts a master together: data directory, journal, cluster, entities, HTTP. */
final class MasterServer {
  private static final Duration UP_WITHIN = Duration.ofSeconds(30);

  private final MasterConfig config;
  private final ServerBinding binding;

  private MasterServer(MasterConfig config, ServerBinding binding) {
    this.config = config;
    this.binding = binding;
  }

  MasterId id() {
    return config.id();
  }

  String address() {
    return config.host() + ":" + binding.localAddress().getPort();
  }

  /**
   * Starts a master.
   *
   * @param onRival told why, when another process has taken over: nothing more may be written or
   *     sent (R13)
   * @throws IOException or a JournalException, saying what is wrong and what to do
   */
  static MasterServer start(MasterConfig config, Config all, Consumer<String> onRival)
      throws IOException {
    StartRoom.require(config.data(), "holdfast.master.data", all);
    Persistence persistence = Persistence.of(all);
    SnapshotSettings snapshots = SnapshotSettings.of(all);
    DataDirectory directory = DataDirectory.open(config.data(), "master", config.id().value());
    Optional<PostgresOwner> owner = takeJournal(persistence, config, directory, all);
    Config withJournal = owner.map(o -> inPostgres(all, o)).orElseGet(() -> embedded(config, all));
    ActorSystem<Void> system =
        ActorSystem.create(Behaviors.empty(), "holdfast-master", withJournal);
    try {
      system.log().debug("snapshots every {} events", snapshots.every());
      if (persistence == Persistence.POSTGRES) {
        var unused = PostgresJournal.taken(Adapter.toClassic(system)).thenAccept(onRival);
      } else {
        // Opened here, where what is wrong with it can be said.
        JournalStore journal = JournalStore.get(system);
        system.log().debug("journal in {}", journal.directory());
      }
      return start(config, directory, owner, system, onRival);
    } catch (RuntimeException | IOException e) {
      system.terminate();
      owner.ifPresent(PostgresOwner::close);
      throw e;
    }
  }

  /**
   * The names of the jobs that have a journal; one in PostgreSQL is never repaired by cutting it.
   */
  private static Supplier<CompletionStage<List<String>>> journalledJobs(ActorSystem<Void> system) {
    if (Persistence.of(system.settings().config()) == Persistence.POSTGRES) {
      return () -> CompletableFuture.completedFuture(List.of());
    }
    String prefix = JobEntity.PREFIX;
    return () ->
        JournalStore.get(system)
            .persistenceIds(prefix)
            .thenApply(ids -> ids.stream().map(id -> id.substring(prefix.length())).toList());
  }

  /** R13: a journal in a database is taken from whoever had it; one in a directory is with that. */
  private static Optional<PostgresOwner> takeJournal(
      Persistence persistence, MasterConfig config, DataDirectory directory, Config all) {
    if (persistence != Persistence.POSTGRES) {
      return Optional.empty();
    }
    PostgresJournal.check(all);
    return Optional.of(
        PostgresOwner.take(
            all,
            config.id().value(),
            directory.journalId(),
            config.data() + " " + directory.owner()));
  }

  private static Config inPostgres(Config all, PostgresOwner owner) {
    return History.over(PostgresJournal.over(all, owner), true);
  }

  private static Config embedded(MasterConfig config, Config all) {
    Config embedded =
        ConfigFactory.parseMap(
                Map.of(
                    "holdfast.journal.leveldb.dir",
                    config.data().resolve("journal").toString(),
                    FileSnapshots.PLUGIN + ".dir",
                    config.data().resolve("snapshots").toString(),
                    "akka.persistence.snapshot-store.plugin",
                    FileSnapshots.PLUGIN))
            .withFallback(all);
    return History.over(embedded, false);
  }

  /** It opens by itself, and later if it cannot now: the master does not wait for it. */
  private static History history(MasterConfig config, ActorSystem<?> system) {
    return Persistence.of(system.settings().config()) == Persistence.POSTGRES
        ? History.inPostgres(system)
        : History.embedded(system, config.data(), config.minFreeSpace());
  }

  private static MasterServer start(
      MasterConfig config,
      DataDirectory directory,
      Optional<PostgresOwner> owner,
      ActorSystem<Void> system,
      Consumer<String> onRival)
      throws IOException {
    Cluster cluster = Cluster.get(system);
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    LogStore logs = new LogStore(config.data().resolve("logs"));
    EventFeed feed = new EventFeed();
    ReadModel model = new ReadModel(config, logs, feed);
    AuthorityKeeper authority =
        new AuthorityKeeper(
                () -> prove(directory, owner), config.timing(), new AwakeClock(), onRival)
            .start();
    MasterEntities entities =
        new MasterEntities(
            system,
            config,
            new JournalId(owner.map(PostgresOwner::journalId).orElse(directory.journalId())),
            model,
            logs,
            journalledJobs(system),
            authority::mayAct,
            onRival);
    Entities api =
        new Entities(
            system,
            new Admission(
                new DiskReserve(config.data(), config.minFreeSpace())::refusal,
                () -> journalTrouble(system),
                authority::doubt));
    ApiRoutes routes =
        new ApiRoutes(
            config.token(),
            model,
            api,
            new JobRoutes(config, model, api),
            new RunRoutes(model, api),
            new LiveRoutes(system, model, feed),
            new HistoryRoutes(history(config, system)));
    awaitUp(system);
    // First the port: a master that cannot be asked must not couple with agents.
    ServerBinding binding = bind(config, system, routes);
    entities.wake();
    return new MasterServer(config, binding);
  }

  private static Optional<JournalTrouble> journalTrouble(ActorSystem<?> system) {
    // An embedded journal that fails is a disk that is full, or a master that ends.
    return Persistence.of(system.settings().config()) == Persistence.POSTGRES
        ? PostgresJournal.trouble(Adapter.toClassic(system))
        : Optional.empty();
  }

  private static Proof prove(DataDirectory directory, Optional<PostgresOwner> owner) {
    Proof ours = directory.prove();
    return owner.map(PostgresOwner::prove).map(ours::and).orElse(ours);
  }

  private static void awaitUp(ActorSystem<?> system) throws IOException {
    CompletableFuture<Void> up = new CompletableFuture<>();
    akka.cluster.Cluster.get(system).registerOnMemberUp(() -> up.complete(null));
    try {
      up.get(UP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "the cluster of this one node did not come up within " + UP_WITHIN.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("nobody fails it", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static ServerBinding bind(MasterConfig config, ActorSystem<?> system, ApiRoutes routes)
      throws IOException {
    try {
      ServerBinding binding =
          Http.get(system)
              .newServerAt(config.host(), config.port())
              .bind(routes.create())
              .toCompletableFuture()
              .join();
      binding.addToCoordinatedShutdown(Duration.ofSeconds(1), system);
      return binding;
    } catch (CompletionException e) {
      throw new IOException(
          "cannot listen at "
              + config.host()
              + ":"
              + config.port()
              + ": is another program there? Set holdfast.master.http.port to a free port",
          e);
    }
  }
}
