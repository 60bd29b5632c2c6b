package io.holdfast.agent.session;

import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What outlives the tasks that are released: that their numbers were used (R5).
 *
 * <p>Threading: one at a time. State: soft; {@link #durable} brings what is hard.
 */
final class Releases {
  private UsedNumbers used = UsedNumbers.NONE;

  /** These numbers are in the journal. */
  void durable(UsedNumbers numbers) {
    used = numbers;
  }

  /** What a master is told of numbers that no inventory shows any more. */
  Optional<UsedNumbers> told() {
    return Optional.of(used).filter(numbers -> !numbers.equals(UsedNumbers.NONE));
  }

  /** Whether any of these forgets a task. */
  static boolean isAmong(List<MasterCommand> commands) {
    return commands.stream().anyMatch(MasterCommand.Release.class::isInstance);
  }

  /** The numbers that the releases among these would forget, as far as they are news. */
  List<SessionEvent.Used> forgottenBy(List<MasterCommand> commands, TaskTable tasks) {
    List<SessionEvent.Used> news = new ArrayList<>();
    UsedNumbers after = used;
    for (MasterCommand command : commands) {
      Optional<TaskState> ended =
          Optional.of(command)
              .filter(MasterCommand.Release.class::isInstance)
              .flatMap(release -> tasks.state(release.execution()))
              .filter(state -> state.phase() == TaskPhase.FINISHED);
      if (ended.isPresent()) {
        // Where the journal has lost it, the number of the run is all there is.
        FencingToken token =
            ended.get().spec().map(TaskSpec::fencingToken).orElse(new FencingToken(0));
        UsedNumbers more = after.plus(command.execution(), Optional.of(token));
        if (more != after) {
          news.add(new SessionEvent.Used(command.execution(), token));
        }
        after = more;
      }
    }
    return news;
  }
}
