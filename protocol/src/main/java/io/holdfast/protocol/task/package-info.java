/**
 * The life of a task, the agent's side of one execution. {@link
 * io.holdfast.protocol.task.TaskRules} decides, {@link io.holdfast.protocol.task.TaskTransitions}
 * says what may follow what.
 */
package io.holdfast.protocol.task;
