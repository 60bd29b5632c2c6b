package io.holdfast.persistence.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** Where it was measured, so that the figures can be placed. */
final class Machine {
  private Machine() {}

  static String words(Path folder) {
    return String.join(
        ", ",
        processor(),
        Runtime.getRuntime().availableProcessors() + " cores",
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        disk(folder),
        "Java " + System.getProperty("java.vm.version"));
  }

  /** Processes that ran or wanted to, on an average of a minute; the measured ones among them. */
  static String load() {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return load < 0 ? "unknown" : String.format(Locale.ROOT, "%.1f", load);
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }

  private static String disk(Path folder) {
    try {
      return Files.getFileStore(folder).name() + " with " + Files.getFileStore(folder).type();
    } catch (IOException e) {
      return "unknown disk";
    }
  }
}
