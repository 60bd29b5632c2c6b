package io.holdfast.sim;

import io.holdfast.protocol.id.ExecutionId;
import java.util.HashMap;
import java.util.Map;

/** Brings output to the master, apart from the exchange. */
final class Puller {
  private static final class Wanted {
    long bytes;
    boolean last;
  }

  private final LinkShell link;
  private final World world;
  private final Map<ExecutionId, Wanted> wanted = new HashMap<>();

  Puller(LinkShell link) {
    this.link = link;
    this.world = link.node.world;
  }

  void fetch(ExecutionId id, long bytes, boolean last) {
    Wanted entry = wanted.get(id);
    boolean begins = entry == null;
    if (begins) {
      entry = new Wanted();
      wanted.put(id, entry);
    }
    entry.bytes = Math.max(entry.bytes, bytes);
    entry.last |= last;
    if (begins) {
      link.node.after(world.net.roundTrip(), () -> transfer(id));
    }
  }

  void forget(ExecutionId id) {
    wanted.remove(id);
  }

  private void transfer(ExecutionId id) {
    Wanted entry = wanted.get(id);
    if (entry == null) {
      return;
    }
    Store.Output here = link.node.store.outputs.get(id);
    if (here != null && here.bytes >= entry.bytes) {
      wanted.remove(id);
      if (entry.last) {
        link.outputStored(id);
      }
      return;
    }
    int master = link.node.side.index;
    TaskDir dir =
        world.net.passes(link.node, link.machine)
            ? link.machine.disk().parts[master].directories.get(id)
            : null;
    if (dir == null) {
      link.node.after(World.SECOND, () -> transfer(id));
      return;
    }
    Store.Output output =
        link.node.store.outputs.computeIfAbsent(id, first -> new Store.Output(dir.outputOf));
    world.history.pulled(master, dir, output);
    output.bytes =
        world.broken(Mutation.OUTPUT_CONFIRMED_TOO_EARLY)
            ? output.bytes
            : Math.max(output.bytes, Math.min(dir.output, entry.bytes));
    if (output.bytes >= entry.bytes || world.broken(Mutation.OUTPUT_CONFIRMED_TOO_EARLY)) {
      wanted.remove(id);
      if (entry.last) {
        link.outputStored(id);
      }
    } else {
      link.node.after(World.SECOND, () -> transfer(id));
    }
  }
}
