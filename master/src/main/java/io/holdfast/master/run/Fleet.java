package io.holdfast.master.run;

import io.holdfast.protocol.id.AgentId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The agents as they are known at this moment: soft, and only a hint where to run. Whether an
 * execution may begin never depends on it.
 *
 * @param agents in the order of the configuration
 * @param groups their names and members; {@code all} is every agent
 */
public record Fleet(List<Member> agents, Map<String, List<AgentId>> groups) {
  /** One agent, whether it is connected, and how many executions are open there. */
  public record Member(AgentId id, boolean connected, int openExecutions) {}

  boolean has(AgentId agent) {
    return agents.stream().anyMatch(member -> member.id().equals(agent));
  }

  /** The connected agent of {@code group} that has the least to do, rather not {@code avoided}. */
  Optional<AgentId> choose(String group, Optional<AgentId> avoided) {
    List<AgentId> members = groups.getOrDefault(group, List.of());
    return agents.stream()
        .filter(member -> member.connected() && members.contains(member.id()))
        .min(
            Comparator.comparing((Member member) -> avoided.equals(Optional.of(member.id())))
                .thenComparing(Member::openExecutions))
        .map(Member::id);
  }
}
