package io.holdfast.master.cli;

import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.LevelDbImport;
import io.holdfast.persistence.audit.ImportTarget;
import io.holdfast.persistence.audit.JournalImport;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings an export into an empty store. */
@Command(
    name = "import",
    description = {
      "Bring what 'audit export' has written into an empty store: all of it, or nothing. The data"
          + " directory becomes that of the master or agent that it was taken from, so that the other"
          + " side knows it. Stop the original first, and never run both. Output of jobs is not in"
          + " an export: copy the folder 'logs' of the data directory."
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  done",
      "  2  nothing was imported: the store is not empty, or the file is damaged or cut off"
    })
final class AuditImport extends AuditCommand.Part {
  /** Where to. */
  static final class Into {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "A data directory without a journal.")
    private Path data;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description =
            "The settings of a master: into its data directory, or into the database with"
                + " persistence = postgres ('holdfast schema apply' makes the schema).")
    private File config;
  }

  @Parameters(paramLabel = "FILE", description = "What 'audit export' has written; - for stdin.")
  private String file;

  @ArgGroup(multiplicity = "1")
  private Into into;

  @Override
  public Integer call() {
    try (Progress progress = new Progress(io(), "events imported", 0);
        InputStream in = file.equals("-") ? io().in() : Files.newInputStream(Path.of(file))) {
      JournalImport.Done done = JournalImport.read(in, this::target, progress);
      progress.close();
      io().out()
          .println(
              "imported %d events of %d persistence ids, content %s"
                  .formatted(done.events(), done.ids(), done.content()));
      return HoldfastCommand.OK;
    } catch (JournalException e) {
      throw new CliFailure(Text.clean(file + ": " + e.getMessage()), e);
    } catch (IOException e) {
      throw new CliFailure("%s cannot be read: %s".formatted(Text.clean(file), e), e);
    }
  }

  private ImportTarget target(Optional<DirectoryIdentity> owner) {
    if (into.data != null) {
      Path data = into.data.toAbsolutePath().normalize();
      return new Identified(checked(data, owner), data, LevelDbImport.into(data));
    }
    AuditSettings settings = AuditSettings.of(into.config);
    Optional<DirectoryIdentity> other =
        owner.filter(o -> !o.kind().equals("master") || !o.owner().equals(settings.master()));
    if (other.isPresent()) {
      throw new CliFailure(
          "this is the journal of %s '%s', and the settings are those of master '%s': agents would not know it"
              .formatted(other.get().kind(), other.get().owner(), settings.master()));
    }
    return new Identified(checked(settings.data(), owner), settings.data(), settings.target());
  }

  /** The identity that the directory has to get; empty: it has it, or none is known. */
  private Optional<DirectoryIdentity> checked(Path data, Optional<DirectoryIdentity> owner) {
    Optional<DirectoryIdentity> there = AuditSettings.identity(data);
    Optional<DirectoryIdentity> known = owner.filter(o -> !o.journalId().isEmpty());
    if (known.isEmpty()) {
      io().notice(
              there.isPresent()
                  ? "the export does not say whose it is; %s is that of %s"
                      .formatted(data, there.get())
                  : "the export does not say whose it is: the other side will take it for a new one, and stop what runs");
      return Optional.empty();
    }
    if (there.isPresent() && !there.equals(known)) {
      throw new CliFailure(
          "the data directory %s is that of %s, and the export is of %s: name an empty one"
              .formatted(data, there.get(), known.get()));
    }
    return there.isPresent() ? Optional.empty() : known;
  }

  /** The directory becomes that of the original before the journal is there. */
  private record Identified(Optional<DirectoryIdentity> identity, Path data, ImportTarget store)
      implements ImportTarget {
    @Override
    public void id(StoredId id) {
      store.id(id);
    }

    @Override
    public void setAside(String id, long readableTo) {
      store.setAside(id, readableTo);
    }

    @Override
    public void event(StoredEvent event) {
      store.event(event);
    }

    @Override
    public void commit() {
      try {
        Files.createDirectories(data);
        if (identity.isPresent()) {
          identity.get().write(data);
        }
      } catch (IOException e) {
        throw new JournalException(
            "the data directory %s cannot be written: %s".formatted(data, e), e);
      }
      store.commit();
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
