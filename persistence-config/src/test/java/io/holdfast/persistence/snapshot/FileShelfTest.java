package io.holdfast.persistence.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.persistence.Disk;
import io.holdfast.persistence.JournalUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots as files: their names, what is in them, and what a crash or a full disk leaves. */
class FileShelfTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/snapshot.1.bin");
  private static final StoredSnapshot SNAPSHOT =
      new StoredSnapshot(
          "job|nightly",
          500,
          1_700_000_000_000L,
          0x1234_5678_9abc_def0L,
          480_117,
          "job-state/1",
          "{\"x\":\"ä\"}".getBytes(StandardCharsets.UTF_8));

  @TempDir Path directory;

  private FileShelf shelf(FileShelf.Room room) {
    return new FileShelf(directory.resolve("snapshots"), 1 << 20, room);
  }

  private static byte[] encoded(StoredSnapshot snapshot) {
    var bytes = new ByteArrayOutputStream();
    for (ByteBuffer part : SnapshotFile.encode(snapshot)) {
      bytes.writeBytes(part.array());
    }
    return bytes.toByteArray();
  }

  private static StoredSnapshot numbered(String id, long number) {
    return new StoredSnapshot(id, number, 1, 2, 3, "m", new byte[] {4});
  }

  private static void assertSame(StoredSnapshot found, StoredSnapshot expected) {
    assertThat(found).usingRecursiveComparison().isEqualTo(expected);
  }

  @Test
  void whatTheFirstVersionStoredIsReadForEver() throws Exception {
    if (!Files.exists(GOLDEN) && Boolean.getBoolean("golden.write")) {
      Files.createDirectories(GOLDEN.getParent());
      Files.write(GOLDEN, encoded(SNAPSHOT));
    }
    assertSame(SnapshotFile.decode(Files.readAllBytes(GOLDEN)), SNAPSHOT);
    assertThat(encoded(SNAPSHOT)).isEqualTo(Files.readAllBytes(GOLDEN));
  }

  @Test
  void eachChangedByteAndEachCutIsNoticed() {
    byte[] whole = encoded(SNAPSHOT);
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      assertThatThrownBy(() -> SnapshotFile.decode(changed))
          .isInstanceOf(UnreadableSnapshotException.class);
      byte[] cut = Arrays.copyOf(whole, at);
      assertThatThrownBy(() -> SnapshotFile.decode(cut))
          .isInstanceOf(UnreadableSnapshotException.class);
    }
    byte[] longer = Arrays.copyOf(whole, whole.length + 1);
    assertThatThrownBy(() -> SnapshotFile.decode(longer)).hasMessageContaining("behind its end");
  }

  @Test
  void noNameIsAPathAndNoTwoIdsShareOne() {
    List<String> ids =
        List.of(
            "job|a",
            "job|A",
            "job%7ca",
            "..",
            ".",
            "a/b",
            "a\\b",
            "a b",
            "ä",
            "a",
            "A",
            "x".repeat(180),
            "x".repeat(181),
            "x".repeat(1000),
            "x".repeat(999) + "y");
    Set<String> names = new HashSet<>();
    for (String id : ids) {
      String name = FileNames.folder(id);
      assertThat(name).matches("[a-z0-9_%~-]{1,180}");
      assertThat(names.add(name)).as(id).isTrue();
    }
    assertThat(FileNames.folder("job|nightly-2")).isEqualTo("job%7cnightly-2");
    assertThat(FileNames.number(FileNames.snapshot(Long.MAX_VALUE))).contains(Long.MAX_VALUE);
    assertThat(FileNames.number("9".repeat(19) + ".snapshot")).isEmpty();
  }

  @Test
  void aFileUnderAnotherNameIsNotUsed() throws Exception {
    FileShelf shelf = shelf((folder, bytes) -> {});
    shelf.put(numbered("a", 1));
    shelf.put(numbered("b", 2));
    Path ofA = directory.resolve("snapshots/a").resolve(FileNames.snapshot(1));
    Files.copy(ofA, ofA.resolveSibling(FileNames.snapshot(2)));
    Files.copy(ofA, directory.resolve("snapshots/b").resolve(FileNames.snapshot(1)));
    assertThatThrownBy(() -> shelf.read("a", 2)).hasMessageContaining("'a' behind event 1");
    assertThatThrownBy(() -> shelf.read("b", 1)).hasMessageContaining("'a' behind event 1");
    assertThat(shelf.numbers("a")).containsExactly(2L, 1L);
  }

  @Test
  void whatACrashLeavesIsNoSnapshotAndIsOverwritten() throws Exception {
    FileShelf shelf = shelf((folder, bytes) -> {});
    shelf.put(numbered("a", 1));
    Path underWay = directory.resolve("snapshots/a/under-way");
    Files.write(underWay, new byte[10_000]);
    assertThat(shelf.numbers("a")).containsExactly(1L);
    shelf.put(numbered("a", 2));
    assertThat(underWay).doesNotExist();
    assertSame(shelf.read("a", 2), numbered("a", 2));
  }

  @Test
  void aSnapshotIsOnDiskBeforeItHasItsNameAndItsNameBeforeItCounts() {
    List<String> steps = new ArrayList<>();
    Disk disk = observed(steps);
    Path snapshots = directory.resolve("snapshots");
    FileShelf shelf = new FileShelf(snapshots, 1 << 20, (folder, bytes) -> {}, disk);

    shelf.put(numbered("a", 1));
    assertThat(steps)
        .containsExactly(
            "force snapshots",
            "force " + directory.getFileName(),
            "write under-way",
            "force under-way",
            "move under-way to " + FileNames.snapshot(1),
            "force a");
    steps.clear();
    shelf.put(numbered("a", 2));
    assertThat(steps)
        .containsExactly(
            "write under-way",
            "force under-way",
            "move under-way to " + FileNames.snapshot(2),
            "force a");
  }

  /** The disk, with a list of what was done to it. */
  private static Disk observed(List<String> steps) {
    return new Disk() {
      @Override
      public File create(Path file) throws IOException {
        File real = REAL.create(file);
        return new File() {
          @Override
          public void write(long at, ByteBuffer... parts) throws IOException {
            real.write(at, parts);
            steps.add("write " + file.getFileName());
          }

          @Override
          public void force() throws IOException {
            real.force();
            steps.add("force " + file.getFileName());
          }

          @Override
          public void close() throws IOException {
            real.close();
          }
        };
      }

      @Override
      public File open(Path file) throws IOException {
        return REAL.open(file);
      }

      @Override
      public void move(Path from, Path to) throws IOException {
        REAL.move(from, to);
        steps.add("move " + from.getFileName() + " to " + to.getFileName());
      }

      @Override
      public void force(Path folder) throws IOException {
        REAL.force(folder);
        steps.add("force " + folder.getFileName());
      }
    };
  }

  @Test
  void onAFullDiskNothingIsWrittenAndTheOthersStay() throws Exception {
    shelf((folder, bytes) -> {}).put(numbered("a", 1));
    FileShelf full =
        shelf(
            (folder, bytes) -> {
              throw new JournalUnavailableException("full");
            });
    assertThatThrownBy(() -> full.put(numbered("a", 2))).hasMessage("full");
    assertSame(full.read("a", 1), numbered("a", 1));
    try (Stream<Path> files = Files.list(directory.resolve("snapshots/a"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void aFileThatIsTooLargeIsNotReadIntoMemory() throws IOException {
    FileShelf shelf = shelf((folder, bytes) -> {});
    shelf.put(numbered("a", 1));
    Path file = directory.resolve("snapshots/a").resolve(FileNames.snapshot(1));
    try (var large = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(1L << 40);
    }
    assertThatThrownBy(() -> shelf.read("a", 1)).hasMessageContaining("1099511627776 bytes");
  }
}
