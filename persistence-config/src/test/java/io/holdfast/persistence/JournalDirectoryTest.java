package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.iq80.leveldb.DB;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * A directory belongs to one journal of one process; what is wrong with it is said in a way that
 * helps.
 */
class JournalDirectoryTest {
  private final JournalFixture fixture = new JournalFixture();

  @TempDir Path directory;

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Holds the lock of a directory until its input ends. */
  static final class LockHolder {
    public static void main(String[] arguments) throws IOException {
      try (JournalLock lock = JournalLock.acquire(Path.of(arguments[0]))) {
        System.out.println("held " + lock.directory());
        while (System.in.read() >= 0) {
          // Until the test closes it.
        }
      }
    }
  }

  /** Writes an event and reads it, over the LevelDB that is chosen, and says which that was. */
  static final class Chooser {
    public static void main(String[] arguments) {
      // The other tests log nothing.
      ((Logger) LoggerFactory.getLogger(LevelDbOpener.class)).setLevel(Level.WARN);
      try (JournalFixture fixture = new JournalFixture()) {
        LevelDbOpener chosen = LevelDbOpener.choose(true);
        LevelDbOpener telling =
            in -> {
              DB db = chosen.open(in);
              System.out.println("opened by " + db.getClass().getName());
              return db;
            };
        JournalStore journal =
            fixture.open(JournalFixture.settings(Path.of(arguments[0])), telling);
        JournalFixture.write(journal, "p", 1, 2);
        System.out.println("read " + JournalFixture.replay(journal, "p"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void isOpenedOnceInAProcess(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(
              () -> fixture.open(directory.resolve("../" + directory.getFileName()), flavour))
          .isInstanceOf(JournalUnavailableException.class)
          .hasMessageContaining(journal.directory().toString())
          .hasMessageContaining("another actor system of this process uses it")
          .hasMessageContaining("holdfast.journal.leveldb.dir");
    }
    JournalFixture.write(journal, "p", 1, 1);
    journal.close();

    assertThat(JournalFixture.replay(fixture.open(directory, flavour), "p")).hasSize(1);
  }

  @Test
  void isOpenedByOneProcess() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = other.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).startsWith("held ");
      assertThatThrownBy(() -> fixture.open(directory, Flavour.NATIVE))
          .isInstanceOf(JournalUnavailableException.class)
          .hasMessageContaining(directory.toRealPath().toString())
          .hasMessageContaining("another process uses it (process id " + other.pid() + ")");
    } finally {
      other.destroyForcibly();
    }
    assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();

    fixture.open(directory, Flavour.NATIVE);
  }

  @Test
  void saysWhenItCannotBeMade() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> fixture.open(file, Flavour.NATIVE))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("holdfast.journal.leveldb.dir");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void saysWhenItCannotBeWritten() {
    assertThatThrownBy(() -> fixture.open(Path.of("/proc/holdfast-journal"), Flavour.NATIVE))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("/proc/holdfast-journal");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void leavesALevelDbOfSomebodyElseAlone(Flavour flavour) throws IOException {
    try (var db = flavour.opener().open(directory.toFile())) {
      db.put(new byte[] {1}, new byte[] {2});
    }
    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("not a Holdfast journal");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void doesNotReadANewerFormat(Flavour flavour) throws IOException {
    try (var db = flavour.opener().open(directory.toFile())) {
      db.put(JournalKeys.format(), "holdfast-journal/5".getBytes(StandardCharsets.US_ASCII));
    }
    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("holdfast-journal/5");
  }

  @Test
  void mustBeSetAndHaveRoom() {
    Config defaults = PersistenceConfig.withDefaults(ConfigFactory.empty());
    assertThatThrownBy(() -> JournalSettings.of(defaults))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Set holdfast.journal.leveldb.dir");
    Config full =
        PersistenceConfig.withDefaults(
            ConfigFactory.parseString("holdfast.journal.leveldb { dir = x, min-free-space = 0 }"));
    assertThatThrownBy(() -> JournalSettings.of(full)).hasMessageContaining("at least 16 MiB");
  }

  @Test
  void takesTheOneInJavaWhereThereIsNoNativeLibraryAndSaysSo() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // There is no native library for it.
                "-Dos.name=Nowhere",
                "-cp",
                System.getProperty("java.class.path"),
                Chooser.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    assertThat(said)
        .contains("opened by org.iq80.leveldb.impl.")
        .contains("read [p-1, p-2]")
        .contains("The native LevelDB library cannot be loaded, using the slower one")
        .contains("holdfast.journal.leveldb.native = off");

    // The native library goes on with its files.
    JournalStore journal = fixture.open(directory, Flavour.NATIVE);
    assertThat(JournalFixture.replay(journal, "p")).isEqualTo(JournalFixture.payloads("p", 1, 2));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void leavesNoUnpackedLibraryToAProcessThatIsKilled() throws IOException {
    try (var db = LevelDbOpener.choose(true).open(directory.resolve("c").toFile())) {
      assertThat(Files.readString(Path.of("/proc/self/maps"))).contains("libleveldbjni-");
      assertThat(UnpackedLibrary.files()).isEmpty();
    }
  }

  @Test
  void takesTheNativeLibraryUnlessToldNotTo() throws IOException {
    try (var db = LevelDbOpener.choose(true).open(directory.resolve("a").toFile())) {
      assertThat(db.getClass().getName()).startsWith("org.fusesource.leveldbjni");
    }
    try (var db = LevelDbOpener.choose(false).open(directory.resolve("b").toFile())) {
      assertThat(db.getClass().getName()).startsWith("org.iq80.leveldb.impl");
    }
  }
}
