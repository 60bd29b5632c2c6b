package io.holdfast.master.history;

import java.util.Optional;

/** What the keeper lets others see: the open database, and how it goes. Soft state; thread-safe. */
final class HistoryView {
  private volatile Shown shown =
      new Shown(Optional.empty(), new HistoryStatus(HistoryStatus.Phase.STARTING, ""));

  private record Shown(Optional<HistoryDatabase> database, HistoryStatus status) {}

  void show(Optional<HistoryDatabase> database, HistoryStatus status) {
    shown = new Shown(database, status);
  }

  HistoryStatus status() {
    return shown.status();
  }

  /**
   * The database, to be read.
   *
   * @throws HistoryUnavailableException saying why it is not open
   */
  HistoryDatabase database() {
    Shown now = shown;
    return now.database()
        .filter(database -> now.status().canBeAsked())
        .orElseThrow(
            () ->
                new HistoryUnavailableException(
                    now.status().message().isEmpty()
                        ? "The history is being opened: try again."
                        : "The history is not available, and is tried again: "
                            + now.status().message()));
  }
}
