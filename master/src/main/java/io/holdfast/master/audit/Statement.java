package io.holdfast.master.audit;

/**
 * One thing that an event says.
 *
 * @param text what happened, as a sentence without its full stop
 * @param cause by what or whom, as far as the event says; empty when it does not
 */
public record Statement(Subject about, String text, String cause) {
  Statement(Subject about, String text) {
    this(about, text, "");
  }
}
