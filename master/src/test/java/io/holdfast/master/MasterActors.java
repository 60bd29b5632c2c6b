package io.holdfast.master;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.persistence.testkit.PersistenceTestKitPlugin;
import akka.persistence.testkit.javadsl.PersistenceTestKit;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import java.time.Duration;

/** Entities of the master on a journal in memory whose writes fail when the test says so. */
public final class MasterActors implements AutoCloseable {
  /** Longer than any machine needs. */
  public static final Duration SOON = Duration.ofSeconds(20);

  public final ActorTestKit kit;
  public final PersistenceTestKit journal;

  public MasterActors() {
    kit =
        ActorTestKit.create(
            "entities",
            PersistenceTestKitPlugin.config()
                .withFallback(
                    PersistenceConfig.withDefaults(
                        ConfigFactory.parseString("akka.actor.provider = local")
                            .withFallback(ConfigFactory.parseResources("master-akka.conf")))));
    journal = PersistenceTestKit.create(kit.system());
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }
}
