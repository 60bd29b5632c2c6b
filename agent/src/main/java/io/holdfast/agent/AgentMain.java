package io.holdfast.agent;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.holdfast.agent.config.AgentConfig;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.ParentWatch;
import io.holdfast.persistence.PersistenceConfig;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast agent}: runs the tasks of its masters on this machine. */
@Command(
    name = "holdfast agent",
    mixinStandardHelpOptions = true,
    description = "Runs the tasks of its masters on this machine.",
    footer = {
      "",
      "A smallest configuration file:",
      "  holdfast.agent {",
      "    id = agent-1",
      "    data = \"/var/lib/holdfast/agent-1\"",
      "    masters { main { token = \"a long random text\" } }",
      "  }"
    })
public final class AgentMain implements Callable<Integer> {
  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The settings, as HOCON.")
  private File file;

  private AgentMain() {}

  public static void main(String[] args) {
    int code = new CommandLine(new AgentMain()).execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() {
    try {
      if (!file.isFile()) {
        throw new IllegalArgumentException("there is no file " + file.getAbsolutePath());
      }
      Config own =
          ConfigFactory.parseFile(file)
              .withFallback(ConfigFactory.parseResources("agent-akka.conf"))
              .resolve();
      Config all = PersistenceConfig.withDefaults(own);
      AgentServer server = AgentServer.start(AgentConfig.of(all), all);
      System.out.println(
          "holdfast agent '" + server.id() + "' is ready: http://" + server.address());
      System.out.flush();
      ParentWatch.start();
      return 0;
    } catch (IllegalArgumentException | JournalException | ConfigException | IOException e) {
      System.err.println("holdfast agent: cannot start: " + e.getMessage());
      return 2;
    }
  }
}
