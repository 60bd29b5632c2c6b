package io.holdfast.sim;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What an agent does with processes, step by step as the agent's {@code process} package takes the
 * steps. All of it is soft, and ends with the JVM.
 */
final class Edge {
  private static final long STEP = 200 * World.MILLI;
  private static final String LEFT_BEHIND = "left behind";

  private final AgentMachine machine;
  private final Stops stops;

  Edge(AgentMachine machine) {
    this.machine = machine;
    this.stops = new Stops(machine);
  }

  void begin() {
    stops.begin();
  }

  private Proc jvm() {
    return machine.agent;
  }

  private World world() {
    return machine.world;
  }

  TaskDir directory(int master, ExecutionId id) {
    return machine.disk().parts[master].directories.get(id);
  }

  private TaskDir directory(int master, TaskSpec spec) {
    TaskDir dir = directory(master, spec.execution());
    return dir == null ? machine.create(master, spec) : dir;
  }

  void launch(int master, TaskSpec spec, Consumer<TaskCommand> then) {
    TaskDir existing = directory(master, spec.execution());
    if (existing != null) {
      adopt(master, spec, machine.bootId(), then);
      return;
    }
    TaskDir dir = machine.create(master, spec);
    int life = jvm().life();
    machine.kernel.launch(
        dir,
        won -> {
          if (jvm().life() != life) {
            return;
          }
          if (won) {
            jvm().deliver(() -> then.accept(new TaskCommand.ProcessStarted(dir.wrapper)));
          } else {
            jvm().deliver(() -> lost(master, spec, then));
          }
        });
    world().faults.launched(machine.agent);
  }

  /** It was stopped meanwhile, and perhaps deleted: nothing is to be made of it again. */
  private void lost(int master, TaskSpec spec, Consumer<TaskCommand> then) {
    if (directory(master, spec.execution()) != null) {
      adopt(master, spec, machine.bootId(), then);
    }
  }

  void adopt(int master, TaskSpec spec, String acceptedIn, Consumer<TaskCommand> then) {
    TaskDir dir = directory(master, spec);
    jvm().after(5 * World.MILLI, () -> adopt(dir, acceptedIn, 0, then));
  }

  private void adopt(TaskDir dir, String acceptedIn, int clean, Consumer<TaskCommand> then) {
    if (dir.record != TaskDir.Record.NONE) {
      if (dir.left) {
        stops.stop(dir, LEFT_BEHIND, () -> then.accept(recorded(dir)));
      } else {
        then.accept(recorded(dir));
      }
    } else if (!acceptedIn.equals(machine.bootId())) {
      then.accept(ended(dir, new Outcome.Vanished("host restarted")));
    } else if (dir.claim == TaskDir.Claim.WRAPPER && isAlive(dir, dir.wrapper)) {
      world().history.adopted(dir);
      then.accept(new TaskCommand.ProcessStarted(dir.wrapper));
    } else if (dir.claim != TaskDir.Claim.WRAPPER) {
      if (dir.claim == TaskDir.Claim.NONE) {
        world().coverage.count(Coverage.Kind.TOKEN_RACE);
      }
      dir.claim = TaskDir.Claim.NEVER;
      then.accept(ended(dir, new Outcome.NeverStarted("its start was prevented")));
    } else if (dir.hasProcesses()) {
      then.accept(new TaskCommand.ProcessStarted(leader(dir)));
    } else if (clean < 2) {
      jvm().after(STEP, () -> adopt(dir, acceptedIn, clean + 1, then));
    } else {
      then.accept(withoutRecord(dir));
    }
  }

  private static ProcessInfo leader(TaskDir dir) {
    return new ProcessInfo(dir.wrapper.pid() + 1, dir.wrapper.startTicks(), dir.wrapper.bootId());
  }

  boolean isAlive(TaskDir dir, ProcessInfo process) {
    if (dir == null || dir.wrapper == null) {
      return false;
    }
    if (world().broken(Mutation.ADOPTED_BY_BARE_PID) && process.pid() % 8 < 4) {
      // By now somebody else has this number.
      return true;
    }
    return process.bootId().equals(machine.bootId())
        && (process.equals(dir.wrapper) ? dir.wrapperLives : dir.hasProcesses());
  }

  /** Tells once nothing of it lives. */
  void awaitEnd(int master, TaskSpec spec, ProcessInfo process, Consumer<TaskCommand> then) {
    TaskDir dir = directory(master, spec);
    int life = jvm().life();
    if (process.equals(dir.wrapper) && dir.wrapperLives) {
      dir.watchers.add(
          () -> {
            if (jvm().life() == life) {
              jvm().after(10 * World.MILLI, () -> look(dir, process, 0, then));
            }
          });
    } else {
      jvm().after(STEP, () -> look(dir, process, 0, then));
    }
  }

  private void look(TaskDir dir, ProcessInfo process, int clean, Consumer<TaskCommand> then) {
    boolean alive = isAlive(dir, process);
    if (!alive && dir.record != TaskDir.Record.NONE) {
      if (dir.left || dir.killed) {
        stops.stop(dir, LEFT_BEHIND, () -> then.accept(recorded(dir)));
      } else {
        then.accept(recorded(dir));
      }
    } else if (alive || dir.hasProcesses()) {
      jvm().after(5 * STEP, () -> look(dir, process, 0, then));
    } else if (clean < 2) {
      jvm().after(STEP, () -> look(dir, process, clean + 1, then));
    } else {
      TaskCommand.ProcessEnded end = withoutRecord(dir);
      if (dir.killed) {
        stops.stop(dir, LEFT_BEHIND, () -> then.accept(end));
      } else {
        then.accept(end);
      }
    }
  }

  void stop(int master, TaskSpec spec, StopReason reason, Consumer<TaskCommand> then) {
    TaskDir dir = directory(master, spec);
    boolean ordered = dir.killed;
    boolean before =
        dir.record != TaskDir.Record.NONE && !(ordered && dir.record == TaskDir.Record.SIGNALLED);
    TaskCommand end = before ? recorded(dir) : null;
    stops.stop(
        dir,
        reason.word(),
        () -> then.accept(end != null ? end : ended(dir, new Outcome.Stopped(reason))));
  }

  /** Of a task whose journal was cut; without its directory nothing of it ever ran here. */
  void endAll(int master, ExecutionId id, TaskState known, Consumer<TaskCommand> then) {
    TaskDir existing = directory(master, id);
    if (existing == null && known.spec().isEmpty()) {
      jvm()
          .after(
              STEP,
              () ->
                  then.accept(
                      new TaskCommand.ProcessEnded(
                          TaskRules.JOURNAL_DAMAGED, 0, 0, Optional.of(machine.wall()))));
      return;
    }
    TaskDir dir = existing == null ? machine.create(master, known.spec().orElseThrow()) : existing;
    stops.stop(dir, "journal damaged", () -> then.accept(ended(dir, TaskRules.JOURNAL_DAMAGED)));
  }

  void delete(int master, ExecutionId id, Runnable then) {
    jvm()
        .after(
            World.MILLI,
            () -> {
              machine.delete(master, id);
              then.run();
            });
  }

  private TaskCommand.ProcessEnded recorded(TaskDir dir) {
    return switch (dir.record) {
      case EXITED -> ended(dir, new Outcome.Exited(dir.code));
      case SIGNALLED ->
          ended(
              dir,
              stopReason(dir)
                  .<Outcome>map(Outcome.Stopped::new)
                  .orElseGet(() -> new Outcome.Signalled(dir.code)));
      case NOT_STARTED -> ended(dir, new Outcome.NeverStarted("refused by its wrapper"));
      case NONE -> throw new IllegalStateException("no record of " + dir);
    };
  }

  private static Optional<StopReason> stopReason(TaskDir dir) {
    if (dir.killed) {
      for (StopReason reason : StopReason.values()) {
        if (reason.word().equals(dir.killReason)) {
          return Optional.of(reason);
        }
      }
    }
    return Optional.empty();
  }

  private TaskCommand.ProcessEnded withoutRecord(TaskDir dir) {
    return dir.published
        ? ended(dir, new Outcome.Vanished("its wrapper was killed before it could record the end"))
        : ended(dir, new Outcome.NeverStarted("its wrapper was killed before the job began"));
  }

  private TaskCommand.ProcessEnded ended(TaskDir dir, Outcome outcome) {
    Outcome told = outcome;
    if (world().broken(Mutation.SUCCESS_ASSUMED) && outcome instanceof Outcome.Vanished) {
      told = new Outcome.Exited(0);
    }
    return new TaskCommand.ProcessEnded(told, dir.output, 0, Optional.of(machine.wall()));
  }
}
