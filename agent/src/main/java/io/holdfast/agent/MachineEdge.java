package io.holdfast.agent;

import io.holdfast.agent.process.LeaseFile;
import io.holdfast.agent.process.WallOffset;
import io.holdfast.agent.session.SessionEdge;
import io.holdfast.agent.task.ProcessEdge;
import io.holdfast.agent.task.TaskEdge;
import io.holdfast.protocol.id.MasterId;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine as the sessions see it: clock, lease files, processes. Thread-safe. */
final class MachineEdge implements SessionEdge {
  private static final Logger LOG = LoggerFactory.getLogger(MachineEdge.class);

  private final ProcessEdge.Machine machine;
  private final DiskReserve reserve;
  private final ToLongFunction<MasterId> outputQuota;
  private final Map<MasterId, TaskEdge> tasks = new ConcurrentHashMap<>();
  private final Map<MasterId, WallOffset> offsets = new ConcurrentHashMap<>();

  /**
   * @param reserve what new tasks must leave
   * @param outputQuota how many bytes of each stream a task of a master may keep
   */
  MachineEdge(
      ProcessEdge.Machine machine, DiskReserve reserve, ToLongFunction<MasterId> outputQuota) {
    this.machine = machine;
    this.reserve = reserve;
    this.outputQuota = outputQuota;
  }

  @Override
  public Duration now() {
    return machine.clock().now();
  }

  @Override
  public String bootId() {
    return machine.clock().bootId();
  }

  @Override
  public Optional<Duration> readDeadline(MasterId master) {
    return new LeaseFile(machine.data(), master.value())
        .read()
        .filter(lease -> lease.bootId().equals(bootId()))
        .map(LeaseFile.Lease::deadline);
  }

  @Override
  public boolean writeDeadline(
      MasterId master, Duration deadline, Duration killGrace, Duration anchor) {
    try {
      Duration now = now();
      WallOffset offset =
          offsets.merge(
              master,
              WallOffset.UNKNOWN.renewed(anchor, now, Instant.now()),
              (known, first) -> known.renewed(anchor, now, Instant.now()));
      new LeaseFile(machine.data(), master.value())
          .write(deadline, killGrace, anchor, offset.wallAt(deadline));
      return true;
    } catch (UncheckedIOException e) {
      LOG.error(
          "the lease of master {} cannot be written: {}; it is not renewed",
          master,
          e.getCause().toString());
      return false;
    }
  }

  @Override
  public void deleteEvents(String persistenceId, long version) {
    machine
        .deleteEvents()
        .apply(persistenceId, version)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "events of {} could not be deleted: {}", persistenceId, failure.toString());
              }
            });
  }

  @Override
  public Optional<String> refusal() {
    return reserve.refusal();
  }

  @Override
  public TaskEdge tasksOf(MasterId master) {
    return tasks.computeIfAbsent(
        master, id -> new ProcessEdge(id, machine, outputQuota.applyAsLong(id)));
  }
}
