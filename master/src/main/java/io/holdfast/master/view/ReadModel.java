package io.holdfast.master.view;

import io.holdfast.master.config.MasterConfig;
import io.holdfast.master.link.AgentAddress;
import io.holdfast.master.link.AgentLink;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.LinkStatus;
import io.holdfast.master.log.LogStore;
import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.lease.TimingPolicy;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What can be shown, as the entities last told it: soft, thread-safe, rebuilt from their journals
 * when they come alive. Nothing is shown that is not durable (R14); nothing here decides anything.
 */
public final class ReadModel implements AgentLink.StatusListener {
  /** Link records of closed executions that are remembered for display. */
  private static final int MOST_CLOSED = 20_000;

  private final MasterConfig config;
  private final LogStore logs;
  private final EventFeed feed;
  private final ApiJson json = new ApiJson(this);
  private final Map<JobName, JobState> jobs = new ConcurrentSkipListMap<>();
  private final Map<AgentId, LinkState> links = new ConcurrentHashMap<>();
  private final Map<AgentId, LinkStatus> statuses = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> whole = new CompletableFuture<>();
  private volatile Set<JobName> expected;
  private final Map<RunId, CompletableFuture<Void>> runWaiters = new ConcurrentHashMap<>();
  private final Map<ExecutionId, LinkExecution> closed =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<ExecutionId, LinkExecution> eldest) {
              return size() > MOST_CLOSED;
            }
          });

  public ReadModel(MasterConfig config, LogStore logs, EventFeed feed) {
    this.config = config;
    this.logs = logs;
    this.feed = feed;
  }

  /** After a restart: which jobs there are. Until each has shown itself the model has gaps. */
  public void expect(Set<String> names) {
    Set<JobName> missing = ConcurrentHashMap.newKeySet();
    names.forEach(name -> missing.add(new JobName(name)));
    expected = missing;
    missing.removeAll(jobs.keySet());
    completeIfWhole();
  }

  /** Completes when everything that the journals hold can be shown. */
  public CompletionStage<Void> whole() {
    return whole;
  }

  private void completeIfWhole() {
    if (expected != null && expected.isEmpty()) {
      whole.complete(null);
    }
  }

  /** A job's state is durable. */
  public void show(JobName name, JobState state, List<RunId> changed) {
    jobs.put(name, state);
    if (expected != null && expected.remove(name)) {
      completeIfWhole();
    }
    if (changed.isEmpty() && state.definition().isPresent()) {
      feed.publish("job", () -> json.write(json.job(state)));
    }
    for (RunId id : changed) {
      state.run(id).ifPresent(run -> showRun(run));
    }
  }

  /** What a task told is durable. */
  public void told(JobEvent event) {
    ToldJson.update(event)
        .ifPresent(update -> feed.publish(update.kind(), () -> json.write(update.json())));
  }

  private void showRun(RunRecord run) {
    feed.publish("run", () -> json.write(json.run(run, false)));
    run.last().ifPresent(e -> feed.publish("execution", () -> json.write(json.execution(e))));
    CompletableFuture<Void> waiting = runWaiters.remove(run.id());
    if (waiting != null) {
      waiting.complete(null);
    }
    if (run.end().isPresent()) {
      run.last().ifPresent(execution -> logs.changed(execution.id()));
    }
  }

  /** A link's state is durable. */
  public void show(
      AgentId agent, LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone) {
    LinkState before = links.put(agent, state);
    for (ExecutionId id : gone) {
      Optional.ofNullable(before)
          .map(s -> s.executions().get(id))
          .ifPresent(last -> closed.put(id, last));
    }
    for (ExecutionId id : changed) {
      showExecution(id);
    }
  }

  private void showExecution(ExecutionId id) {
    execution(id).ifPresent(e -> feed.publish("execution", () -> json.write(json.execution(e))));
  }

  /** A reconciliation is durable. */
  public void show(AgentId agent, LinkEvent.Reconciled report) {
    feed.publish("reconciliation", () -> json.write(json.report(agent, report)));
  }

  @Override
  public void show(AgentId agent, LinkStatus status) {
    LinkStatus before = statuses.put(agent, status);
    feed.publish("agent", () -> json.write(json.agent(address(agent).orElseThrow())));
    boolean turned = before == null || before.link().isOutOfSight() != status.link().isOutOfSight();
    if (turned) {
      link(agent)
          .ifPresent(
              state ->
                  state.executions().values().stream()
                      .filter(e -> e.phase().mayBeAlive())
                      .forEach(e -> showExecution(e.id())));
    }
  }

  public ApiJson json() {
    return json;
  }

  public LogStore logs() {
    return logs;
  }

  /** All jobs, by name. */
  public Collection<JobState> jobs() {
    return jobs.values().stream().filter(job -> job.definition().isPresent()).toList();
  }

  public Optional<JobState> job(JobName name) {
    return Optional.ofNullable(jobs.get(name)).filter(job -> job.definition().isPresent());
  }

  public Optional<RunRecord> run(RunId id) {
    return job(id.job()).flatMap(job -> job.run(id));
  }

  public Optional<ExecutionRecord> execution(ExecutionId id) {
    return run(id.run())
        .flatMap(run -> run.executions().stream().filter(e -> e.id().equals(id)).findFirst());
  }

  /** All runs at hand, newest first. */
  public List<RunRecord> runs() {
    return jobs.values().stream()
        .flatMap(job -> job.runs().values().stream())
        .sorted(Comparator.comparing(RunRecord::requestedAt).reversed())
        .toList();
  }

  /** Completes at the next change of a run; ask for it before looking. */
  public CompletionStage<Void> nextChange(RunId id) {
    return runWaiters.computeIfAbsent(id, run -> new CompletableFuture<>());
  }

  /** The configured agents. */
  public List<AgentAddress> agents() {
    return config.agents();
  }

  public Optional<AgentAddress> address(AgentId id) {
    return config.agents().stream().filter(agent -> agent.id().equals(id)).findFirst();
  }

  public Optional<LinkStatus> status(AgentId id) {
    return Optional.ofNullable(statuses.get(id));
  }

  public Optional<LinkState> link(AgentId id) {
    return Optional.ofNullable(links.get(id));
  }

  /** What the link knows, or knew, of an execution. */
  Optional<LinkExecution> linkExecution(ExecutionRecord execution) {
    return link(execution.agent())
        .map(state -> state.executions().get(execution.id()))
        .or(() -> Optional.ofNullable(closed.get(execution.id())));
  }

  /** Whether all the output that there will ever be is here. */
  public boolean isLogComplete(ExecutionRecord execution) {
    if (execution.end().isEmpty()) {
      return false;
    }
    Optional<LinkExecution> link = linkExecution(execution);
    return link.isEmpty()
        || (stored(execution, LogStore.Stream.STDOUT) >= link.get().stdoutBytes()
            && stored(execution, LogStore.Stream.STDERR) >= link.get().stderrBytes());
  }

  long stored(ExecutionRecord execution, LogStore.Stream stream) {
    return logs.size(execution.id(), stream);
  }

  /** The agents as a job may choose from them. */
  public Fleet fleet() {
    List<Fleet.Member> members =
        config.agents().stream()
            .map(
                agent ->
                    new Fleet.Member(
                        agent.id(),
                        status(agent.id())
                            .filter(s -> s.link() == LinkStatus.Link.CONNECTED)
                            .isPresent(),
                        openExecutions(agent.id())))
            .toList();
    return new Fleet(members, config.groups());
  }

  int openExecutions(AgentId agent) {
    return (int)
        link(agent)
            .map(
                state ->
                    state.executions().values().stream()
                        .filter(e -> e.phase().mayBeAlive() || e.outcome().isEmpty())
                        .count())
            .orElse(0L)
            .longValue();
  }

  TimingPolicy timing() {
    return config.timing();
  }
}
