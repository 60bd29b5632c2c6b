package io.holdfast.master.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.protocol.Names;

/** Where a job runs: on one named agent, or on some agent of a group. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Target.OneAgent.class, name = "agent"),
  @JsonSubTypes.Type(value = Target.Group.class, name = "group")
})
public sealed interface Target {

  /** This agent and no other. */
  record OneAgent(String agent) implements Target {
    public OneAgent {
      Names.require("agent", agent);
    }
  }

  /** An agent of this group, chosen by the master for each execution. */
  record Group(String group) implements Target {
    public Group {
      Names.require("group", group);
    }
  }
}
