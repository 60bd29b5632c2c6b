package io.holdfast.agent.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.TimerScheduler;
import io.holdfast.agent.task.TaskActor;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The actor of a session and its machine, as {@link Session} sees them: the tasks are children of
 * the actor, which are woken when somebody has an order for them.
 *
 * <p>Threading: that of the actor. State: soft.
 */
final class SessionWorld implements Session.Surroundings<ActorRef<Answer>> {
  private final ActorContext<MasterSession.Message> context;
  private final TimerScheduler<MasterSession.Message> timers;
  private final MasterId master;
  private final SessionEdge edge;
  private final ActorRef<TaskActor.Performed> performed;
  private final ActorRef<TaskActor.News> listener;
  private final Map<ExecutionId, ActorRef<TaskActor.Message>> tasks = new HashMap<>();

  SessionWorld(
      ActorContext<MasterSession.Message> context,
      TimerScheduler<MasterSession.Message> timers,
      MasterId master,
      SessionEdge edge,
      ActorRef<TaskActor.Performed> performed,
      ActorRef<TaskActor.News> listener) {
    this.context = context;
    this.timers = timers;
    this.master = master;
    this.edge = edge;
    this.performed = performed;
    this.listener = listener;
  }

  /** The actor of a task; it is watched, see {@link MasterSession.TaskEnded}. */
  ActorRef<TaskActor.Message> task(ExecutionId execution) {
    return tasks.computeIfAbsent(execution, this::spawnTask);
  }

  private ActorRef<TaskActor.Message> spawnTask(ExecutionId execution) {
    ActorRef<TaskActor.Message> task =
        context.spawn(
            TaskActor.create(
                execution,
                new TaskActor.Setting(
                    master,
                    edge.tasksOf(master),
                    listener,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1))),
            "task-" + execution.toString().replace('#', ':'));
    context.watchWith(task, new MasterSession.TaskEnded(execution));
    return task;
  }

  /** The actor of a task has stopped. */
  void gone(ExecutionId execution) {
    tasks.remove(execution);
  }

  @Override
  public Duration now() {
    return edge.now();
  }

  @Override
  public String bootId() {
    return edge.bootId();
  }

  @Override
  public SessionId newSession() {
    return new SessionId(UUID.randomUUID().toString());
  }

  @Override
  public boolean writeDeadline(Duration deadline, Duration killGrace, Duration anchor) {
    return edge.writeDeadline(master, deadline, killGrace, anchor);
  }

  @Override
  public Optional<String> refusal() {
    return edge.refusal();
  }

  @Override
  public Exchange.OutputSize outputSize(ExecutionId execution) {
    return edge.tasksOf(master).outputSize(execution);
  }

  @Override
  public void perform(ExecutionId execution, TaskCommand command, long correlation) {
    task(execution).tell(new TaskActor.Perform(command, correlation, performed));
  }

  @Override
  public void answer(ActorRef<Answer> replyTo, Answer answer) {
    replyTo.tell(answer);
  }

  @Override
  public void flushSoon() {
    context.getSelf().tell(new MasterSession.Flush());
  }

  @Override
  public void flushAfter(Duration delay) {
    timers.startSingleTimer("flush", new MasterSession.Flush(), delay);
  }

  @Override
  public void coupled(MasterEpoch epoch) {
    context.getLog().info("master {} coupled, epoch {}", master, epoch);
  }

  @Override
  public void leaseIsOver() {
    context.getLog().warn("lease of master {} is over; its tasks are stopped", master);
  }
}
