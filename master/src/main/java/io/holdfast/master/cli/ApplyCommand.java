package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.master.jobfile.JobFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Defines the jobs of a file. All or nothing. */
@Command(
    name = "apply",
    description =
        "Define the jobs of a file, or change them. All of them or, if one is wrong, none.")
final class ApplyCommand extends HoldfastCommand {
  private static final String STDIN = "-";

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "The job file; - reads stdin.")
  private String file;

  @Mixin private ByOption by;

  @Override
  public Integer call() {
    byte[] content = read();
    String name = file.equals(STDIN) ? "stdin" : file;
    JsonNode answer;
    try {
      answer = client().postYaml(by.behind("/jobs"), content, "jobs");
    } catch (ProblemFailure e) {
      List<String> errors = e.errors(name);
      if (errors.isEmpty()) {
        throw e;
      }
      errors.forEach(io().err()::println);
      String count = errors.size() == 1 ? "1 error" : errors.size() + " errors";
      throw new CliFailure("%s in %s: nothing was changed".formatted(count, name), e);
    }
    if (json()) {
      OutputOption.printJson(io().out(), answer);
      return OK;
    }
    Table table = Table.ofFields();
    answer.path("jobs").forEach(job -> table.row(Text.of(job, "name"), Text.of(job, "change")));
    print(table);
    return OK;
  }

  /** Reads at most a byte more than allowed, so that naming a device cannot fill the memory. */
  private byte[] read() {
    byte[] content;
    try (InputStream in = file.equals(STDIN) ? io().in() : Files.newInputStream(Path.of(file))) {
      content = in.readNBytes(JobFiles.MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new CliFailure("there is no file " + file, e);
    } catch (IOException e) {
      throw new CliFailure("cannot read " + file + ": " + e.getMessage(), e);
    }
    if (content.length > JobFiles.MAX_BYTES) {
      throw new CliFailure(file + " is larger than 1 MiB, the most a job file may have: split it");
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
    } catch (CharacterCodingException e) {
      throw new CliFailure(file + " is not text in UTF-8: save it as UTF-8", e);
    }
    return content;
  }
}
