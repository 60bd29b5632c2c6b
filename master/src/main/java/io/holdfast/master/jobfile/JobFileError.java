package io.holdfast.master.jobfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;

/**
 * One thing that is wrong, in the form in which the HTTP API tells it.
 *
 * @param line from 1; 0, and then not in the JSON, when there is no file (parameters of a start)
 * @param column from 1, in characters; 0 as above
 * @param key where in the file's structure: {@code jobs.tick.timeout}; empty for the file as a
 *     whole
 * @param value what stands there, shortened; empty when there is nothing
 * @param message what is wrong and what would be right
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record JobFileError(int line, int column, String key, String value, String message) {
  public JobFileError {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(message, "message");
  }
}
