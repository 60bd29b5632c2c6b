package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.holdfast.protocol.Names;

/** The name of a job: unique at its master. */
public record JobName(@JsonValue String value) implements Comparable<JobName> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public JobName {
    Names.require("job", value);
  }

  @Override
  public int compareTo(JobName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
