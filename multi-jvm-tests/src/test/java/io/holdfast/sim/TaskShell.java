package io.holdfast.sim;

import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import java.util.ArrayList;
import java.util.List;

/** A task's actor over the real {@link TaskRules}: persists, then performs, then answers. */
final class TaskShell extends Persistent<TaskState, TaskEvent> {
  private static final long SUPERVISE = 5 * World.SECOND;
  private static final long AGAIN = World.SECOND;

  private final SessionShell session;
  private final ExecutionId id;
  private final World world;
  private final AgentNode agent;
  private boolean watching;
  private boolean supervised;

  TaskShell(SessionShell session, ExecutionId id) {
    super(session.agent, session.agent.machine.storage, session.part.task(id));
    this.session = session;
    this.id = id;
    this.agent = session.agent;
    this.world = agent.world;
  }

  private Edge edge() {
    return agent.edge;
  }

  @Override
  void recovered() {
    watching = false;
    TaskState state = state();
    if (state.phase() != TaskPhase.UNKNOWN) {
      TaskRules.outstanding(state).forEach(directive -> perform(state, directive));
    }
    session.news(id, state, List.of());
  }

  void perform(TaskCommand command, long correlation) {
    tell(() -> onPerform(command, correlation));
  }

  private void onPerform(TaskCommand command, long correlation) {
    TaskState state = state();
    Decision<TaskEvent, TaskDirective> decision =
        TaskRules.decide(state, command, agent.host.wall());
    if (state.phase() == TaskPhase.UNKNOWN && decision.events().isEmpty()) {
      session.performed(id, state, correlation);
      stop();
      session.gone(this, id);
      return;
    }
    check(decision.events());
    if (world.broken(Mutation.ANSWERED_BEFORE_THE_JOURNAL)) {
      session.performed(id, journal.next(state, decision.events()), correlation);
    }
    if (world.broken(Mutation.LAUNCHED_BEFORE_THE_JOURNAL)) {
      decision.directives().forEach(directive -> perform(state, directive));
    }
    cover(state.phase(), decision.events());
    persist(
        decision.events(),
        written(decision.events()),
        after -> {
          announce(after, decision);
          session.performed(id, after, correlation);
        });
  }

  private List<TaskEvent> written(List<TaskEvent> events) {
    if (world.broken(Mutation.POISON_NOT_JOURNALLED)) {
      return without(events, TaskEvent.Tombstoned.class);
    }
    return world.broken(Mutation.OUTCOME_NOT_JOURNALLED)
        ? without(events, TaskEvent.Finished.class)
        : events;
  }

  private static List<TaskEvent> without(
      List<TaskEvent> events, Class<? extends TaskEvent> dropped) {
    List<TaskEvent> kept = new ArrayList<>(events);
    kept.removeIf(dropped::isInstance);
    return kept;
  }

  private void change(TaskCommand command) {
    tell(
        () -> {
          boolean unwanted =
              command instanceof TaskCommand.ProcessEnded && state().phase() == TaskPhase.STOPPING;
          if (!unwanted) {
            decide(command);
          }
        });
  }

  private void decide(TaskCommand command) {
    Decision<TaskEvent, TaskDirective> decision =
        TaskRules.decide(state(), command, agent.host.wall());
    cover(state().phase(), decision.events());
    persist(decision.events(), written(decision.events()), after -> announce(after, decision));
  }

  private void check(List<TaskEvent> events) {
    for (TaskEvent event : events) {
      if (event instanceof TaskEvent.Repeated repeated
          && state().requests().contains(repeated.request())) {
        world.violate(Invariant.I9, "request " + repeated.request() + " was taken twice");
      }
    }
  }

  private void cover(TaskPhase from, List<TaskEvent> events) {
    TaskPhase phase = from;
    for (TaskEvent event : events) {
      phase = world.coverage.step(phase, event);
    }
  }

  private void announce(TaskState after, Decision<TaskEvent, TaskDirective> decision) {
    if (!world.broken(Mutation.LAUNCHED_BEFORE_THE_JOURNAL)) {
      decision.directives().forEach(directive -> perform(after, directive));
    }
    for (TaskEvent event : decision.events()) {
      if (event instanceof TaskEvent.Started && after.phase() == TaskPhase.RUNNING) {
        watch(after);
      }
    }
    if (!decision.events().isEmpty()) {
      session.news(id, after, decision.events());
    }
  }

  private void perform(TaskState state, TaskDirective directive) {
    int master = session.master;
    if (directive instanceof TaskDirective.Launch launch) {
      edge().launch(master, launch.spec(), this::change);
    } else if (directive instanceof TaskDirective.Adopt) {
      adopt(state);
    } else if (directive instanceof TaskDirective.StopTree stop) {
      edge()
          .stop(master, state.spec().orElseThrow(), stop.reason(), end -> tell(() -> decide(end)));
    } else if (directive instanceof TaskDirective.EndAll) {
      edge().endAll(master, id, state, end -> tell(() -> decide(end)));
    } else if (directive instanceof TaskDirective.Delete) {
      world.history.released(agent.machine, master, id, state);
      edge().delete(master, id, () -> tell(this::deleted));
    }
  }

  private void deleted() {
    stop();
    session.part.tasks.remove(id);
    session.gone(this, id);
  }

  private void adopt(TaskState state) {
    TaskSpec spec = state.spec().orElseThrow();
    edge()
        .adopt(
            session.master,
            spec,
            state.bootId().orElseThrow(),
            found -> tell(() -> onAdopted(found)));
  }

  private void onAdopted(TaskCommand found) {
    if (found instanceof TaskCommand.ProcessEnded) {
      if (state().phase() != TaskPhase.STOPPING) {
        decide(found);
      }
      return;
    }
    world.coverage.count(Coverage.Kind.ADOPTION);
    if (state().phase() == TaskPhase.RUNNING) {
      watch(state());
    } else {
      decide(found);
    }
  }

  private void watch(TaskState state) {
    if (!supervised) {
      supervised = true;
      owner.after(SUPERVISE, this::supervise);
    }
    if (!watching) {
      watching = true;
      state
          .spec()
          .flatMap(TaskSpec::timeout)
          .ifPresent(
              timeout ->
                  owner.after(
                      timeout.toNanos(), () -> change(new TaskCommand.Stop(StopReason.TIMEOUT))));
      edge()
          .awaitEnd(
              session.master,
              state.spec().orElseThrow(),
              state.process().orElseThrow(),
              this::change);
    }
  }

  private void supervise() {
    if (isStopped()) {
      return;
    }
    TaskState state = state();
    switch (state.phase()) {
      case ACCEPTED -> tell(() -> adopt(state()));
      case RUNNING -> {
        if (!watching
            && !edge()
                .isAlive(edge().directory(session.master, id), state.process().orElseThrow())) {
          tell(() -> adopt(state()));
        }
      }
      case UNKNOWN, FINISHED, TOMBSTONED, STOPPING, RELEASED -> {
        supervised = false;
        return;
      }
    }
    owner.after(SUPERVISE + AGAIN, this::supervise);
  }
}
