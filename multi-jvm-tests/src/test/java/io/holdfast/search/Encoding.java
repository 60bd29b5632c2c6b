package io.holdfast.search;

import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.List;
import java.util.Optional;

/**
 * A state as 128 bits. All that a rule or an invariant may ever read goes in, in a fixed order;
 * messages under way count as a set. Two different states have the same 128 bits with a probability
 * of 2^-128: among ten million states that happens to any pair with less than 2 in 10^25. A
 * collision would hide a state, never invent a fault.
 *
 * <p>Not thread-safe: one for each thread.
 */
final class Encoding {
  private long a;
  private long b;

  /** The upper and lower half of what was put in. */
  private void begin() {
    a = 0x9E3779B97F4A7C15L;
    b = 0xC2B2AE3D27D4EB4FL;
  }

  private void put(long value) {
    long k = value * 0x87c37b91114253d5L;
    k = Long.rotateLeft(k, 31) * 0x4cf5ad432745937fL;
    a = Long.rotateLeft(a ^ k, 27) + b;
    a = a * 5 + 0x52dce729L;
    k = value * 0x4cf5ad432745937fL;
    k = Long.rotateLeft(k, 33) * 0x87c37b91114253d5L;
    b = Long.rotateLeft(b ^ k, 31) + a;
    b = b * 5 + 0x38495ab5L;
  }

  private static long mix(long value) {
    long k = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    k = (k ^ (k >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return k ^ (k >>> 33);
  }

  private void finish() {
    a += b;
    b += a;
    a = mix(a);
    b = mix(b);
    a += b;
    b += a;
  }

  /** Encodes {@code world}; {@link #high} and {@link #low} are its key. */
  void encode(World world) {
    long netA = 0;
    long netB = 0;
    for (Message message : world.net) {
      begin();
      put(world, message);
      finish();
      netA += a;
      netB += b;
    }
    begin();
    put(netA);
    put(netB);
    put(world.net.length);
    put(world.epoch | (long) world.oldLeft << 8 | (world.oldLinks == null ? 0 : 1 << 16));
    put(
        world.duplicates
            | (long) world.drift << 8
            | (long) world.failovers << 16
            | (long) world.restarts << 24
            | (long) world.wipes << 32
            | (long) world.cancels << 36
            | (long) world.reboots << 40
            | (long) world.couplings << 48
            | (long) world.exchanges << 56);
    put(
        world.starts[0]
            | world.starts[1] << 8
            | world.succeeded << 16
            | (world.formerForgotten ? 1 << 24 : 0));
    put(world.job);
    for (int i = 0; i < World.AGENTS; i++) {
      put(world, i, world.links[i]);
      if (world.oldLinks != null) {
        put(world, i, world.oldLinks[i]);
      }
      put(world, i, world.agents[i]);
    }
    finish();
  }

  long high() {
    return a;
  }

  long low() {
    return b;
  }

  private void put(JobState job) {
    put(job.runs().size());
    for (RunRecord run : job.runs().values()) {
      put(
          (run.cancel().isPresent() ? 1 : 0)
              | run.end().map(e -> e.result().ordinal() + 1).orElse(0) << 1
              | run.executions().size() << 8);
      for (ExecutionRecord e : run.executions()) {
        put(
            e.agent().value().charAt(0)
                | (long) outcome(e.end().map(end -> end.outcome())) << 16
                | (long) outcome(e.amended()) << 32);
      }
    }
  }

  private static int outcome(Optional<Outcome> outcome) {
    return outcome.map(Encoding::outcome).orElse(0);
  }

  private static int outcome(Outcome outcome) {
    if (outcome instanceof Outcome.Exited exited) {
      return exited.code() == 0 ? 1 : 2;
    } else if (outcome instanceof Outcome.Signalled) {
      return 3;
    } else if (outcome instanceof Outcome.Stopped stopped) {
      return 16 + stopped.reason().ordinal();
    } else if (outcome instanceof Outcome.FailedToStart) {
      return 4;
    } else if (outcome instanceof Outcome.Vanished) {
      return 5;
    } else if (outcome instanceof Outcome.Refused) {
      return 6;
    } else if (outcome instanceof Outcome.NeverStarted) {
      return 7;
    }
    return 8;
  }

  private static int reason(Optional<StopReason> reason) {
    return reason.map(r -> r.ordinal() + 1).orElse(0);
  }

  private void put(World world, int agent, LinkSide link) {
    put(
        session(world, agent, link.session)
            | (link.outstanding ? 16 : 0)
            | (link.coupling ? 32 : 0)
            | (long) link.stopsSent << 16
            | (long) link.releasesSent << 20
            | (long) link.jobHas << 24
            | (long) link.absent << 28
            | (long) link.waiting << 32);
    putInstants(link.newest, link.receivedAt);
    putInstants(link.countsFrom, link.waitUntil);
    put(link.sentAt);
    put(world, link.outbox);
    put(world, link.sent);
    put(world, link.state);
  }

  /**
   * Sessions are only ever compared: what counts is who else has the same. Who has one that nobody
   * else knows has one like any other.
   */
  private static long session(World world, int agent, int session) {
    if (session == 0) {
      return 0;
    } else if (session == world.agents[agent].session) {
      return 1;
    } else if (session == world.links[agent].session) {
      return 2;
    }
    return world.oldLinks != null && session == world.oldLinks[agent].session ? 3 : 4;
  }

  private void putInstants(int one, int other) {
    put(((long) one << 32) ^ (other & 0xffffffffL));
  }

  private void put(World world, LinkState state) {
    put(
        state.epoch().value()
            | (state.agentJournal().map(j -> (long) j.value().charAt(2)).orElse(0L) << 8)
            | (long) state.executions().size() << 16
            | (long) (state.reports().isEmpty() ? 0 : 1) << 24);
    for (LinkExecution e : state.executions().values()) {
      put(
          world.index(e.id())
              | (long) e.phase().ordinal() << 4
              | (long) e.requests().size() << 8
              | (long) e.newestEvent() << 12
              | (long) reason(e.stop()) << 20
              | (e.releaseByTime() ? 1L << 26 : 0)
              | (e.spec().isPresent() ? 1L << 27 : 0)
              | (long) outcome(e.outcome()) << 32
              | (long) outcome(e.late()) << 40
              | e.sentTo().map(j -> (long) j.value().charAt(2)).orElse(0L) << 48);
    }
    if (!state.reports().isEmpty()) {
      // Only these are ever read again; Moves leaves no others.
      for (var entry : state.reports().get(0).entries()) {
        put(world.index(entry.execution()));
      }
    }
  }

  private void put(World world, int index, AgentSide agent) {
    put(
        agent.journal
            | (long) agent.epoch << 8
            | (long) agent.trueEpoch << 16
            | session(world, index, agent.session) << 24
            | (agent.held ? 1L << 32 : 0));
    putInstants(agent.file, agent.formerFile);
    putInstants(agent.since, agent.deadline);
    for (int e = 0; e < World.EXECUTIONS; e++) {
      put(world, agent, e);
    }
  }

  private void put(World world, AgentSide agent, int execution) {
    TaskSide task = agent.tasks[execution];
    ProcessSide former = agent.former[execution];
    put(process(task.process()) | (long) process(former) << 16 | (long) task.todo() << 32);
    TaskState state = task.state();
    put(
        state.phase().ordinal()
            | state.version() << 8
            | (long) state.requests().size() << 16
            | (state.process().isPresent() ? 1L << 24 : 0)
            | (agent.isOfFormerBoot(state) ? 1L << 25 : 0)
            | (long) reason(state.stopReason()) << 28
            | (long) outcome(state.outcome()) << 32);
    putReports(world, task.unsent());
  }

  private static int process(ProcessSide process) {
    return process.life().ordinal()
        | process.claim().ordinal() << 4
        | process.killed().ordinal() << 8
        | process.exit().ordinal() << 12;
  }

  private void put(World world, Message message) {
    put(
        message.kind().ordinal()
            | message.agent() << 4
            | message.epoch() << 8
            | session(world, message.agent(), message.session()) << 12
            | (message.fresh() ? 1 << 20 : 0)
            | message.journal() << 24);
    put(message.anchor());
    put(world, message.commands());
    putReports(world, message.reports());
    put(message.inventory().size());
    for (InventoryItem item : message.inventory()) {
      put(
          world.index(item.execution())
              | (long) item.phase().ordinal() << 4
              | item.newestEvent() << 8
              | (long) item.requests().size() << 16
              | (long) outcome(item.outcome()) << 32);
    }
  }

  private void putReports(World world, List<Exchange.Report> reports) {
    put(reports.size());
    for (Exchange.Report report : reports) {
      long what = kind(report.event());
      put(
          world.index(report.execution())
              | report.number() << 4
              | what << 16
              | (report.event() instanceof TaskEvent.Finished f
                  ? (long) outcome(f.outcome()) << 56
                  : 0));
    }
  }

  private static int kind(TaskEvent event) {
    if (event instanceof TaskEvent.Accepted) {
      return 1;
    } else if (event instanceof TaskEvent.Repeated) {
      return 2;
    } else if (event instanceof TaskEvent.Started) {
      return 3;
    } else if (event instanceof TaskEvent.StopBegun) {
      return 4;
    } else if (event instanceof TaskEvent.Finished) {
      return 5;
    }
    return 6;
  }

  private void put(World world, List<MasterCommand> commands) {
    put(commands.size());
    for (MasterCommand command : commands) {
      int kind =
          command instanceof MasterCommand.Start start
              ? 8 + start.request().number()
              : command instanceof MasterCommand.Stop stop
                  ? 32 + stop.reason().ordinal()
                  : command instanceof MasterCommand.GiveUp ? 1 : 2;
      put(world.index(command.execution()) | (long) kind << 4);
    }
  }
}
