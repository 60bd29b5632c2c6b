package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalRepair;
import io.holdfast.persistence.JournalStore;
import io.holdfast.persistence.PersistenceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands for a journal need no master; what they find is tested where it is found. */
class JournalCommandTest {
  private FakeMaster master;
  private Cli cli;

  @TempDir Path data;

  @BeforeEach
  void start() throws IOException {
    master = new FakeMaster();
    cli = new Cli(master);
    ActorTestKit kit =
        ActorTestKit.create(
            "journal",
            PersistenceConfig.withDefaults(
                ConfigFactory.parseString(
                    "holdfast.journal.leveldb.dir = \"" + data.resolve("journal") + "\"")));
    try {
      assertThat(JournalStore.get(kit.system()).directory()).exists();
    } finally {
      kit.shutdownTestKit();
    }
  }

  @AfterEach
  void stop() {
    master.close();
  }

  @Test
  void saysThatAJournalIsSound() {
    assertThat(cli.run("journal", "check", data.toString())).isZero();
    assertThat(cli.out()).contains("journal: 0 persistence ids with 0 events");
    assertThat(cli.run("journal", "check", data.resolve("journal").toString(), "-o", "json"))
        .isZero();
    assertThat(cli.out()).contains("\"sound\" : true").contains("\"damages\" : [ ]");
    assertThat(cli.run("journal", "repair", data.toString(), "--yes")).isZero();
    assertThat(cli.out()).contains("nothing to repair");
  }

  @Test
  void namesTheDamageAndRepairsItOnlyWhenToldTo() throws IOException {
    Files.delete(data.resolve("journal/CURRENT"));

    assertThat(cli.run("journal", "check", data.toString())).isEqualTo(1);
    assertThat(cli.out()).contains("file CURRENT, byte 0: the file is missing");
    assertThat(cli.run("journal", "check", data.toString(), "--output", "json")).isEqualTo(1);
    assertThat(cli.out()).contains("\"file\" : \"CURRENT\"");
    assertThat(cli.run("journal", "repair", data.toString())).isEqualTo(2);
    assertThat(cli.err()).contains("nothing was changed").contains("--yes");
    assertThat(data.resolve("journal/CURRENT")).doesNotExist();

    assertThat(cli.run("journal", "repair", data.toString(), "--yes")).isZero();
    assertThat(cli.out()).contains("the old files, and what was cut off: ");
    assertThat(cli.run("journal", "check", data.toString())).isZero();
  }

  @Test
  void saysWhenThereIsNoJournalOrNothingToDo() {
    assertThat(cli.run("journal", "check", data.resolve("nowhere").toString())).isEqualTo(2);
    assertThat(cli.err()).contains("There is no journal in").contains("data directory");
    assertThat(cli.run("journal")).isEqualTo(2);
    assertThat(cli.err()).contains("'check' or 'repair'");
    assertThat(cli.run("journal", "repair", "--help")).isZero();
    assertThat(cli.out()).contains("--yes");
  }

  @Test
  void saysOfEachIdWhatWillBecomeOfIt() {
    assertThat(atNextStart("task|main|nightly#42.1", false))
        .contains("nightly#42.1")
        .contains("vanished");
    assertThat(atNextStart("task|main|nightly#42.1", true)).contains("over");
    assertThat(atNextStart("session|main", false)).contains("main").contains("next coupling");
    assertThat(atNextStart("agent|agent-1", false)).contains("agent-1").contains("lost");
    assertThat(atNextStart("job|nightly", false))
        .contains("confirm-lost")
        .contains("ask for them again");
    assertThat(atNextStart("catalog", false)).contains("applied again");
    assertThat(atNextStart("something else", false)).contains("missing");
  }

  private static String atNextStart(String id, boolean over) {
    return CutWords.atNextStart(new JournalRepair.Cut(id, 3, 4, 9, over, "damaged"));
  }
}
