package io.holdfast.master.cli;

import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.JournalExport;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes a journal out of its store. */
@Command(
    name = "export",
    description = {
      "Write a journal as lines of JSON: a back-up, and the way to another store. It holds scripts,"
          + " parameters and variables of jobs. The output of jobs is not in the journal: it is in"
          + " the folder 'logs' of the data directory."
    },
    footerHeading = "%nExit codes:%n",
    footer = {"  0  done", "  2  wrong usage, or the journal is damaged or cannot be read"})
final class AuditExport extends AuditCommand.Part {
  @Mixin private AuditSources sources;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description = "A new file, for its owner only. Default: stdout.")
  private Path file;

  @Override
  public Integer call() {
    return sources.use(
        journals -> {
          if (journals.size() != 1) {
            throw usage("name one journal: each has an export of its own");
          }
          AuditSource source = journals.get(0).source();
          try (Progress progress = new Progress(io(), "events read", source.events())) {
            JournalExport.Written written =
                file == null
                    ? JournalExport.write(source, io().out(), progress)
                    : toFile(source, progress);
            progress.close();
            if (file == null && io().out().checkError()) {
              throw new IOException("nobody reads what is written to stdout");
            }
            io().notice(
                    "exported %d events of %d persistence ids, content %s"
                        .formatted(written.events(), written.ids(), written.content()));
            return HoldfastCommand.OK;
          } catch (IOException e) {
            throw new CliFailure("the export cannot be written: " + e, e);
          } catch (UncheckedIOException e) {
            throw new CliFailure("the export cannot be written: " + e.getCause(), e);
          }
        });
  }

  private JournalExport.Written toFile(AuditSource source, Progress progress) throws IOException {
    if (Files.exists(file)) {
      throw new CliFailure("there is a file " + file + " already: name a new one");
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    JournalExport.Written written;
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      written = JournalExport.write(source, out, progress);
      channel.force(true);
    } catch (IOException | JournalException | UncheckedIOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    return written;
  }
}
