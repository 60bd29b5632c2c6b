package io.holdfast.agent.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the output of the running tasks several times a second and cuts off what is beyond a
 * quota. Between two looks a job can write as much as the disk takes; while the agent is dead
 * nobody looks.
 *
 * <p>Threading: {@link #add} and {@link #remove} from any thread; one thread looks. State: soft.
 */
final class OutputWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OutputWatch.class);
  private static final Duration PERIOD = Duration.ofMillis(200);

  private final Map<Path, TaskOutput> watched = new ConcurrentHashMap<>();
  private final Set<Path> told = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          action -> {
            Thread thread = new Thread(action, "holdfast-output-watch");
            thread.setDaemon(true);
            return thread;
          });

  OutputWatch() {
    var ignored =
        timer.scheduleWithFixedDelay(
            () -> watched.forEach(this::trim),
            PERIOD.toMillis(),
            PERIOD.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  void add(TaskDirectory task) {
    watched.computeIfAbsent(task.stdout(), TaskOutput::of);
    watched.computeIfAbsent(task.stderr(), TaskOutput::of);
  }

  void remove(TaskDirectory task) {
    for (Path stream : new Path[] {task.stdout(), task.stderr()}) {
      watched.remove(stream);
      told.remove(stream);
    }
  }

  private void trim(Path stream, TaskOutput output) {
    try {
      if (output.trim() > 0 && told.add(stream)) {
        LOG.warn("{} is over its quota; what is beyond it is dropped", stream);
      }
    } catch (RuntimeException e) {
      // Tried again at the next look; an exception would end the schedule.
      if (told.add(stream)) {
        LOG.warn("{} cannot be kept within its quota: {}", stream, e.toString());
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
