package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R13: whose a data directory is, also when somebody has pulled it from under its process. */
class DataDirectoryTest {
  @TempDir Path temp;
  private Path path;
  private DataDirectory directory;

  /** Opens a directory and says what came of it: the other process of these tests. */
  static final class Other {
    public static void main(String[] args) throws IOException {
      try {
        DataDirectory.open(Path.of(args[0]), "master", "main");
        System.out.println("opened");
        System.in.read();
      } catch (JournalException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @BeforeEach
  void open() {
    path = temp.resolve("data");
    directory = DataDirectory.open(path, "master", "main");
  }

  @AfterEach
  void close() throws IOException {
    directory.close();
  }

  /** Has another process open the directory; what it says. */
  private String openedByAnother() throws Exception {
    Process other =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var said =
        new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
      return said.readLine();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void R13_whatIsOursIsOurs() {
    assertThat(directory.prove()).isEqualTo(new Proof.Ours());
    assertThat(directory.prove()).isEqualTo(new Proof.Ours());
  }

  @Test
  void R13_whoIsKeptOutByTheLockLeavesNoTrace() throws Exception {
    assertThat(openedByAnother()).contains("is used by another process");
    assertThat(directory.prove()).isEqualTo(new Proof.Ours());
  }

  @Test
  void R13_aSuccessorWhoGotALockOfItsOwnIsFound() throws Exception {
    Files.delete(path.resolve("lock"));
    assertThat(openedByAnother()).isEqualTo("opened");
    Proof proof = directory.prove();
    assertThat(proof).isInstanceOf(Proof.Rival.class);
    assertThat(((Proof.Rival) proof).why()).contains(path.toString()).contains("taken over");
  }

  @Test
  void R13_aLockFileThatWasReplacedKeepsNobodyOutAndIsFound() throws Exception {
    Path copy = Files.copy(path.resolve("lock"), path.resolve("copy"));
    Files.move(copy, path.resolve("lock"), StandardCopyOption.ATOMIC_MOVE);
    assertThat(directory.prove()).isInstanceOf(Proof.Rival.class);
  }

  @Test
  void R13_aDirectoryThatIsGoneProvesNothing() throws Exception {
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertThat(directory.prove()).isInstanceOf(Proof.Unknown.class);
  }

  @Test
  void R13_aCopyHasAnOwnerOfItsOwnAndTheSameJournal() throws Exception {
    Path copied = temp.resolve("copy");
    Files.createDirectory(copied);
    for (String name : new String[] {"identity", "owner", "lock"}) {
      Files.copy(path.resolve(name), copied.resolve(name));
    }
    try (DataDirectory copy = DataDirectory.open(copied, "master", "main")) {
      assertThat(copy.journalId()).isEqualTo(directory.journalId());
      assertThat(copy.prove()).isEqualTo(new Proof.Ours());
      assertThat(Files.readString(copied.resolve("owner")))
          .isNotEqualTo(Files.readString(path.resolve("owner")));
      assertThat(directory.prove()).isEqualTo(new Proof.Ours());
    }
  }
}
