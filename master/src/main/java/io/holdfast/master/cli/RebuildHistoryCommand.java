package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Has the master make its history anew, and stays until it has caught up. */
@Command(
    name = "rebuild-history",
    description =
        "Have the master throw its searchable history away and make it anew from its journal, and"
            + " show how far that is. The master goes on meanwhile.")
final class RebuildHistoryCommand extends HoldfastCommand {
  private static final String PATH = "/history/rebuild";
  private static final int BAR = 30;

  private int shown = -1;

  @Override
  public Integer call() {
    MasterClient client = client();
    JsonNode now = client.post(PATH, JsonNodeFactory.instance.objectNode(), "rebuild");
    Contact contact =
        new Contact(
            io(),
            client.address(),
            "the rebuild goes on without this command",
            "The rebuild may go on: searches say whether they are complete");
    while (now.path("rebuild").asText().equals("running")) {
      show(now);
      Contact.pause(io().patience().poll());
      now = contact.insist(() -> client.get(PATH, "rebuild"));
    }
    if (json()) {
      OutputOption.printJson(io().out(), now);
      return OK;
    }
    if (io().terminal()) {
      io().out().print("\r" + bar(now) + "\n");
    }
    io().out()
        .printf(
            Locale.ROOT,
            "the history is rebuilt: %s events in %s%n",
            Text.of(now, "events"),
            Text.between(now, "startedAt", "endedAt"));
    return OK;
  }

  /** On a terminal a bar, otherwise a line for each tenth. */
  private void show(JsonNode now) {
    if (json()) {
      return;
    }
    int percent = now.path("percent").asInt();
    if (io().terminal()) {
      io().out().print("\r" + bar(now));
      io().out().flush();
    } else if (percent / 10 > shown / 10 || shown < 0) {
      io().out().println(percent + " %, " + Text.of(now, "events") + " events");
      io().out().flush();
      shown = percent;
    }
  }

  private static String bar(JsonNode now) {
    int percent = now.path("percent").asInt();
    int full = BAR * percent / 100;
    return "[%s%s] %3d %%  %s events"
        .formatted("#".repeat(full), "-".repeat(BAR - full), percent, Text.of(now, "events"));
  }
}
