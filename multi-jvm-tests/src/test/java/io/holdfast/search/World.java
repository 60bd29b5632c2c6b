package io.holdfast.search;

import io.holdfast.master.link.LinkState;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.SessionId;
import java.util.Arrays;
import java.util.List;

/**
 * One state of the whole system: a master with its journals, perhaps an older one that still lives,
 * two agents with their machines, and what is under way between them.
 *
 * <p>A move copies it, changes the copy, and gives it away; from then on nobody changes it. The
 * parts that a move does not touch are shared.
 */
final class World {
  static final int AGENTS = 2;
  static final int EXECUTIONS = 2;
  private static final AgentId[] NAMES = {new AgentId("A"), new AgentId("B")};
  private static final SessionId[] SESSIONS = new SessionId[16];

  static {
    for (int i = 0; i < SESSIONS.length; i++) {
      SESSIONS[i] = new SessionId("s" + i);
    }
  }

  JobState job = JobState.EMPTY;

  /** What the job still has to bring to its links: computed from its state. */
  List<JobDirective> owed = List.of();

  /** The executions in the order in which they were begun. */
  ExecutionId[] ids = new ExecutionId[EXECUTIONS];

  int epoch = 1;
  LinkSide[] links = {new LinkSide(), new LinkSide()};

  /** The former master's links, if it may still act, and for how many ticks by its own clock. */
  LinkSide[] oldLinks;

  int oldLeft;

  AgentSide[] agents = {new AgentSide(), new AgentSide()};
  Message[] net = {};

  /** How often a job's process began, and whether it ended by itself, for each execution. */
  int[] starts = new int[EXECUTIONS];

  int succeeded;

  /** Whether what is left of the first execution is forgotten: see {@link Canonical}. */
  boolean formerForgotten;

  /** What may still go wrong. */
  int duplicates;

  int drift;
  int failovers;
  int restarts;
  int wipes;
  int reboots;
  int cancels;
  int couplings;
  int exchanges;

  /** The upper half of its key, once it has one. */
  long key;

  World copy() {
    World copy = new World();
    copy.job = job;
    copy.owed = owed;
    copy.ids = ids;
    copy.epoch = epoch;
    copy.links = links.clone();
    copy.oldLinks = oldLinks == null ? null : oldLinks.clone();
    copy.oldLeft = oldLeft;
    copy.agents = agents.clone();
    copy.net = net;
    copy.starts = starts;
    copy.succeeded = succeeded;
    copy.formerForgotten = formerForgotten;
    copy.duplicates = duplicates;
    copy.drift = drift;
    copy.failovers = failovers;
    copy.restarts = restarts;
    copy.wipes = wipes;
    copy.reboots = reboots;
    copy.cancels = cancels;
    copy.couplings = couplings;
    copy.exchanges = exchanges;
    return copy;
  }

  /** A link that this copy may change. */
  LinkSide editLink(int agent) {
    links[agent] = links[agent].copy();
    return links[agent];
  }

  LinkSide editOld(int agent) {
    oldLinks[agent] = oldLinks[agent].copy();
    return oldLinks[agent];
  }

  /** The link of the living master, or of the old one. */
  LinkSide editLink(int agent, boolean old) {
    return old ? editOld(agent) : editLink(agent);
  }

  LinkSide link(int agent, boolean old) {
    return old ? oldLinks[agent] : links[agent];
  }

  int epoch(boolean old) {
    return old ? epoch - 1 : epoch;
  }

  /** An agent that this copy may change. */
  AgentSide editAgent(int agent) {
    agents[agent] = agents[agent].copy();
    return agents[agent];
  }

  void send(Message message) {
    net = Arrays.copyOf(net, net.length + 1);
    net[net.length - 1] = message;
  }

  void remove(int index) {
    Message[] fewer = new Message[net.length - 1];
    System.arraycopy(net, 0, fewer, 0, index);
    System.arraycopy(net, index + 1, fewer, index, fewer.length - index);
    net = fewer;
  }

  void began(int execution) {
    starts = starts.clone();
    starts[execution]++;
  }

  int index(ExecutionId id) {
    return id.equals(ids[0]) ? 0 : id.equals(ids[1]) ? 1 : -1;
  }

  int begun() {
    return ids[0] == null ? 0 : ids[1] == null ? 1 : 2;
  }

  /** A number that nobody remembers as a session of this agent. */
  int newSession(int agent) {
    int used = 1 << agents[agent].session | 1 << links[agent].session | 1;
    if (oldLinks != null) {
      used |= 1 << oldLinks[agent].session;
    }
    for (Message message : net) {
      if (message.agent() == agent) {
        used |= 1 << message.session();
      }
    }
    return Integer.numberOfTrailingZeros(~used);
  }

  static SessionId session(int number) {
    return SESSIONS[number];
  }

  static AgentId agent(int agent) {
    return NAMES[agent];
  }

  static String name(int agent) {
    return NAMES[agent].value();
  }

  static JournalId journal(int agent, int directory) {
    return new JournalId(name(agent) + "-" + directory);
  }

  static String ticks(int instant) {
    return instant == Ticks.NEVER
        ? "none"
        : instant % Ticks.TICK == 0
            ? (instant > 0 ? "+" : "") + instant / Ticks.TICK
            : String.format(java.util.Locale.ROOT, "%+.1f", (double) instant / Ticks.TICK);
  }

  /** In few words, for a counterexample. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (RunRecord run : job.runs().values()) {
      run.executions()
          .forEach(
              e ->
                  text.append(e.id())
                      .append(" at ")
                      .append(e.agent())
                      .append(e.end().map(end -> ": " + end.outcome().words()).orElse(": open"))
                      .append(e.amended().map(late -> " + " + late.words()).orElse(""))
                      .append("; "));
    }
    for (int a = 0; a < AGENTS; a++) {
      describe(a, text);
    }
    return text.append(net.length).append(" under way").toString();
  }

  private void describe(int a, StringBuilder text) {
    LinkState state = links[a].state;
    AgentSide agent = agents[a];
    if (state.executions().isEmpty() && agent.epoch == 0 && agent.formerFile == Ticks.NEVER) {
      return;
    }
    text.append("link ").append(name(a)).append(" [");
    state
        .executions()
        .values()
        .forEach(e -> text.append(e.id()).append(' ').append(e.phase()).append(' '));
    text.append("session ").append(links[a].session);
    text.append(", counts from ").append(ticks(links[a].countsFrom)).append("]; agent ");
    text.append(name(a)).append(" [session ").append(agent.session);
    text.append(", lease file ").append(ticks(agent.file));
    for (int e = 0; e < begun(); e++) {
      TaskSide task = agent.tasks[e];
      if (task != TaskSide.NOTHING) {
        text.append(", ").append(ids[e]).append(' ').append(task.state().phase());
        text.append('/').append(task.process().life());
      }
      if (!agent.former[e].equals(ProcessSide.NOTHING)) {
        text.append(", former ").append(ids[e]).append(' ').append(agent.former[e].life());
      }
    }
    text.append("]; ");
  }
}
