package io.holdfast.sim;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import java.util.ArrayList;
import java.util.List;

/** One master as the world knows it: a name, a database, and the nodes that served it. */
final class MasterSide {
  final World world;
  final int index;
  final MasterId id;
  final Storage storage;
  final List<MasterNode> predecessors = new ArrayList<>();
  private final Host[] hosts = new Host[2];
  private Store store;
  private MasterNode current;
  private int nodes;
  private int stores;
  private long cuts;

  MasterSide(World world, int index) {
    this.world = world;
    this.index = index;
    this.id = new MasterId("m" + index);
    this.storage = new Storage(world);
    for (int i = 0; i < 2; i++) {
      hosts[i] = new Host(world, "h" + index + i, world.drift());
    }
    this.store = newStore();
  }

  private Store newStore() {
    stores++;
    Store created =
        new Store(new JournalId(id + "-store-" + stores), world.options.jobs, world.options.agents);
    created.jobs.forEach(job -> job.witness(event -> world.history.noted(index, event)));
    if (world.isTracing()) {
      for (int i = 0; i < created.links.size(); i++) {
        int agent = i;
        created.links.get(i).witness(event -> trace(agent, event));
      }
    }
    return created;
  }

  private void trace(int agent, LinkEvent event) {
    if (event instanceof LinkEvent.Activated
        || event instanceof LinkEvent.Assigned
        || event instanceof LinkEvent.Closed
        || event instanceof LinkEvent.LostDeclared
        || event instanceof LinkEvent.StopWanted
        || event instanceof LinkEvent.Sending) {
      world.trace(id.value(), "link a" + agent + " notes " + event);
    }
  }

  Store store() {
    return store;
  }

  MasterNode current() {
    return current;
  }

  /** A new process, on this host or on the other. */
  void start(boolean elsewhere) {
    int host = current == null ? 0 : elsewhere ? 1 - current.hostIndex % 2 : current.hostIndex % 2;
    nodes++;
    store.owner = nodes;
    current = new MasterNode(this, hosts[host], index * 2 + host, nodes);
    current.start();
  }

  /** The successor takes over; who was there lives on, and does not know. */
  void failOver() {
    MasterNode old = current;
    if (old.isUp()) {
      predecessors.add(old);
    }
    start(true);
  }

  /** The database is gone: a new one, under the same name. */
  void rebuild() {
    current.end();
    store.lose();
    store = newStore();
    start(false);
  }

  /** A backup is brought back. */
  void restore(Dice dice) {
    current.end();
    for (Journal<?, ?> journal : store.jobs) {
      journal.cut(Math.max(1, journal.size() - dice.below(12)));
    }
    for (Journal<?, ?> journal : store.links) {
      journal.cut(Math.max(0, journal.size() - dice.below(30)));
    }
    start(false);
  }

  /** Of the journal of a link the end is lost, and it says so. */
  void cutLink(int agent, Dice dice) {
    Journal<LinkState, LinkEvent> journal = store.links.get(agent);
    journal.cut(Math.max(0, journal.size() - 1 - dice.below(40)));
    journal.append(List.of(new LinkEvent.JournalDamaged("damaged", hosts[0].wall())));
    world.trace(id.value(), "has a cut journal of the link with a" + agent);
  }

  /** The same of a job. */
  void cutJob(Dice dice) {
    int job = dice.below(store.jobs.size());
    Journal<JobState, JobEvent> journal = store.jobs.get(job);
    int kept = Math.max(0, journal.size() - 1 - dice.below(20));
    world.history.forgotten(index, journal.events().subList(kept, journal.size()));
    journal.cut(kept);
    journal.append(List.of(new JobEvent.JournalDamaged(++cuts << 40, "damaged", hosts[0].wall())));
    world.trace(id.value(), "has a cut journal of job j" + job);
  }
}
