package io.holdfast.scenario;

import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.LocalSystemBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * Tests that share one system, because starting it takes longer than most of them. Each begins with
 * a line without faults and all nodes alive, and has a job of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SharedSystem {
  private final LocalSystem system;

  SharedSystem(LocalSystemBuilder plan) {
    system = plan.create();
  }

  @BeforeAll
  void start() throws Exception {
    scenario(ready -> {});
  }

  @AfterAll
  void close() {
    system.close();
  }

  void scenario(LocalSystem.Scenario scenario) throws Exception {
    try {
      system.proxy().heal();
      system.start();
      system.client().awaitLink(system.agent().id(), "connected", Scenarios.AT_MOST);
      scenario.run(system);
    } catch (Throwable failure) {
      system.failed(failure);
      throw failure;
    }
  }
}
