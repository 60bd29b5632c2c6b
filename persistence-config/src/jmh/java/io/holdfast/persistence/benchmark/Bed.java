package io.holdfast.persistence.benchmark;

import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An actor system over one of the journals, in a JVM that {@link JournalBenchmarks} has started.
 * Closing it waits until it has terminated, with its journal closed.
 */
final class Bed implements AutoCloseable {
  /** The system property that names the folder of this JVM's measurement. */
  static final String FOLDER = "holdfast.benchmark.folder";

  /** In that folder: the settings of the database, when one is needed. */
  static final String POSTGRES = "postgres.conf";

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ActorSystem<Crew.Command> system;

  private Bed(ActorSystem<Crew.Command> system) {
    this.system = system;
  }

  static Bed open(Journal journal) {
    Path folder = folder();
    Config postgres = ConfigFactory.parseFile(folder.resolve(POSTGRES).toFile());
    Config config = journal.config(folder.resolve("journal"), postgres);
    return new Bed(ActorSystem.create(Crew.create(), "benchmark", config));
  }

  static Path folder() {
    String folder = System.getProperty(FOLDER);
    if (folder == null) {
      throw new IllegalStateException(
          "Start it with " + JournalBenchmarks.class.getName() + ", which sets " + FOLDER + ".");
    }
    return Path.of(folder);
  }

  /** Starts actors and waits until all have recovered. */
  Load recover(int actors) throws InterruptedException {
    Load load = new Load(actors);
    system.tell(new Crew.Recover(actors, load));
    load.awaitRecovered();
    return load;
  }

  /** Lets each write {@code eventsAtOnce}, again and again, until it has {@code enough}. */
  void begin(int eventsAtOnce, long enough) {
    system.tell(new Crew.Begin(new Writer.Next(eventsAtOnce, enough)));
  }

  @Override
  public void close() {
    system.terminate();
    try {
      system.getWhenTerminated().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the actor system did not terminate", e);
    }
  }
}
