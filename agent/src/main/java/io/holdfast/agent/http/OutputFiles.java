package io.holdfast.agent.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import io.holdfast.agent.process.TaskOutput;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/**
 * The tasks' output as a master pulls it: apart from the exchange, so that a chatty task cannot
 * delay a heartbeat. An answer is at most {@link #MOST_BYTES} long.
 */
public final class OutputFiles {
  /** The most that one answer carries. */
  public static final int MOST_BYTES = 256 * 1024;

  private static final Set<String> STREAMS = Set.of("stdout", "stderr");

  private final BiFunction<MasterId, ExecutionId, Path> directory;
  private final Executor blocking;

  /**
   * @param directory where a task keeps its files
   */
  public OutputFiles(BiFunction<MasterId, ExecutionId, Path> directory, Executor blocking) {
    this.directory = directory;
    this.blocking = blocking;
  }

  CompletionStage<HttpResponse> read(
      MasterId master, ExecutionId execution, String stream, long offset) {
    if (!STREAMS.contains(stream) || offset < 0) {
      return CompletableFuture.completedFuture(
          HttpResponse.create()
              .withStatus(StatusCodes.BAD_REQUEST)
              .withEntity("the stream is stdout or stderr, the offset is not negative\n"));
    }
    Path file = directory.apply(master, execution).resolve(stream);
    return CompletableFuture.supplyAsync(() -> read(file, offset), blocking);
  }

  private static HttpResponse read(Path file, long offset) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer =
          ByteBuffer.allocate(
              (int) Math.max(0, Math.min(MOST_BYTES, TaskOutput.of(file).readable() - offset)));
      int read = 0;
      while (buffer.hasRemaining() && read >= 0) {
        read = channel.read(buffer, offset + buffer.position());
      }
      byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
      return HttpResponse.create()
          .withEntity(HttpEntities.create(ContentTypes.APPLICATION_OCTET_STREAM, bytes));
    } catch (NoSuchFileException e) {
      boolean known = Files.isDirectory(file.getParent());
      return HttpResponse.create()
          .withStatus(known ? StatusCodes.OK : StatusCodes.NOT_FOUND)
          .withEntity(known ? "" : "no such execution here\n");
    } catch (IOException e) {
      return HttpResponse.create()
          .withStatus(StatusCodes.INTERNAL_SERVER_ERROR)
          .withEntity("cannot read " + file.getFileName() + ": " + e.getMessage() + "\n");
    }
  }
}
