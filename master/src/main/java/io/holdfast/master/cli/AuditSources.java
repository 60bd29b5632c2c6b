package io.holdfast.master.cli;

import io.holdfast.master.audit.Journal;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.LevelDbAuditSource;
import io.holdfast.persistence.audit.AuditSource;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Which journals a command of {@code audit} reads. */
final class AuditSources {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The data directory of a master or an agent that is stopped, or a copy of one. May be"
              + " given several times.")
  private List<Path> directories = List.of();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The settings of a master: its journal, wherever that is. With persistence = postgres it"
              + " may run.")
  private List<File> files = List.of();

  /** What is done with open journals. */
  interface Work<T> {
    T with(List<Journal> journals);
  }

  /** Opens them, and closes them again. */
  <T> T use(Work<T> work) {
    if (directories.isEmpty() && files.isEmpty()) {
      throw new CliFailure("name a journal: --data DIR or --config FILE");
    }
    List<Journal> open = new ArrayList<>();
    try {
      for (File file : files) {
        add(open, AuditSettings.of(file)::source);
      }
      for (Path directory : directories) {
        add(open, () -> LevelDbAuditSource.open(directory));
      }
      return work.with(List.copyOf(open));
    } catch (JournalException e) {
      throw new CliFailure(e.getMessage(), e);
    } finally {
      open.forEach(journal -> journal.source().close());
    }
  }

  private static void add(List<Journal> open, Supplier<AuditSource> source) {
    open.add(Journal.of(open.size(), source.get()));
  }

  /** How many events the journals have. */
  static long events(List<Journal> journals) {
    return journals.stream().mapToLong(journal -> journal.source().events()).sum();
  }
}
