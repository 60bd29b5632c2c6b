package io.holdfast.master.cli;

/**
 * While it is open, Ctrl-C (or a SIGTERM) says how to get back to the run that is left behind. It
 * does not cancel the run: whoever wants that says so.
 */
final class Farewell implements AutoCloseable {
  private final Thread hook;

  Farewell(CliIo io, String run) {
    hook = new Thread(() -> io.notice(Follower.howToReturn(run)), "farewell");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is on its way out: the hook speaks.
    }
  }
}
