package io.holdfast.demo;

/** The demo cannot go on; the message is for the operator, without a stack trace. */
final class DemoFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  DemoFailure(String message) {
    super(message, null, false, false);
  }
}
