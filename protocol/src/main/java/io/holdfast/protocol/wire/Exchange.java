package io.holdfast.protocol.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.task.TaskEvent;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * {@code POST /agent/v1/masters/{masterId}/exchange}: commands down, events up, and the heartbeat
 * of both directions. Within a session each command and each event is sent once; when an exchange
 * fails the master begins a new session and reconciles, so nothing has to be guessed.
 */
public final class Exchange {
  private Exchange() {}

  /**
   * What the master sends.
   *
   * @param number grows by one within the session; the agent refuses one that it has seen
   * @param anchor the newest that the agent gave, handed back (R2)
   */
  public record Request(
      SessionId session,
      MasterEpoch epoch,
      long number,
      Duration anchor,
      List<MasterCommand> commands) {
    public Request {
      Objects.requireNonNull(session, "session");
      Objects.requireNonNull(epoch, "epoch");
      Objects.requireNonNull(anchor, "anchor");
      commands = commands == null ? List.of() : List.copyOf(commands);
    }
  }

  /**
   * One event of one task, durable at the agent.
   *
   * @param foreign the journal of the master that ordered it, when that is not the journal of this
   *     session's master: its events are not those of an execution of this master
   */
  public record Report(
      ExecutionId execution, long number, TaskEvent event, Optional<JournalId> foreign) {
    public Report {
      Objects.requireNonNull(execution, "execution");
      Objects.requireNonNull(event, "event");
      foreign = foreign == null ? Optional.empty() : foreign;
    }

    public Report(ExecutionId execution, long number, TaskEvent event) {
      this(execution, number, event, Optional.empty());
    }
  }

  /**
   * A start that had no effect, because the agent holds something else under this id.
   *
   * @param why in an operator's words
   */
  public record RefusedStart(ExecutionId execution, String why) {
    public RefusedStart {
      Objects.requireNonNull(execution, "execution");
      Objects.requireNonNull(why, "why");
    }
  }

  /** How much output a running task has on the agent's disk by now. */
  public record OutputSize(ExecutionId execution, long stdoutBytes, long stderrBytes) {
    public OutputSize {
      Objects.requireNonNull(execution, "execution");
    }
  }

  /**
   * What the agent answers: at once when it has news, otherwise within the heartbeat period. It
   * proves that the commands of this request are durable at the agent.
   *
   * @param anchor the agent's time of sending (R2)
   * @param refused starts that had no effect
   * @param calls what tasks ask of the master; each once in a session until it is answered
   */
  public record Response(
      long number,
      Duration anchor,
      List<Report> reports,
      List<OutputSize> outputs,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<RefusedStart> refused,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<TaskCall> calls) {
    public Response {
      Objects.requireNonNull(anchor, "anchor");
      reports = reports == null ? List.of() : List.copyOf(reports);
      outputs = outputs == null ? List.of() : List.copyOf(outputs);
      refused = refused == null ? List.of() : List.copyOf(refused);
      calls = calls == null ? List.of() : List.copyOf(calls);
    }

    /** With neither refused starts nor calls of tasks. */
    public Response(long number, Duration anchor, List<Report> reports, List<OutputSize> outputs) {
      this(number, anchor, reports, outputs, List.of(), List.of());
    }
  }
}
