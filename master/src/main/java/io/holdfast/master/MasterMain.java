package io.holdfast.master;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.holdfast.master.config.MasterConfig;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.ParentWatch;
import io.holdfast.persistence.PersistenceConfig;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast master}: decides what runs where, and remembers how it ended. */
@Command(
    name = "holdfast master",
    mixinStandardHelpOptions = true,
    description = "Decides what runs where, and remembers how it ended.",
    footer = {
      "",
      "A smallest configuration file:",
      "  holdfast.master {",
      "    data = \"/var/lib/holdfast/master\"",
      "    agents = [{ id = agent-1, url = \"http://127.0.0.1:7711\", token = \"a long random"
          + " text\" }]",
      "  }"
    })
public final class MasterMain implements Callable<Integer> {
  /** The exit code of a master that found its data directory taken over. */
  private static final int RIVAL = 3;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The settings, as HOCON.")
  private File file;

  private MasterMain() {}

  public static void main(String[] args) {
    int code = new CommandLine(new MasterMain()).execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  /** Not an orderly end, which would still write and send. */
  private static void halt(String why) {
    System.err.println(
        "holdfast master: stopped: " + why + "; another master acts in its name now");
    System.err.flush();
    Runtime.getRuntime().halt(RIVAL);
  }

  @Override
  public Integer call() {
    try {
      if (!file.isFile()) {
        throw new IllegalArgumentException("there is no file " + file.getAbsolutePath());
      }
      Config own =
          ConfigFactory.parseFile(file)
              .withFallback(ConfigFactory.parseResources("master-akka.conf"))
              .resolve();
      Config all = PersistenceConfig.withDefaults(own);
      MasterServer server = MasterServer.start(MasterConfig.of(all), all, MasterMain::halt);
      System.out.println(
          "holdfast master '" + server.id() + "' is ready: http://" + server.address());
      System.out.flush();
      ParentWatch.start();
      return 0;
    } catch (IllegalArgumentException | JournalException | ConfigException | IOException e) {
      System.err.println("holdfast master: cannot start: " + e.getMessage());
      return 2;
    }
  }
}
