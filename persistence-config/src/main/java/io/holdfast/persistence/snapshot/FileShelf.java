package io.holdfast.persistence.snapshot;

import io.holdfast.persistence.Disk;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.JournalUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Snapshots as files: a folder for each persistence id, in it a file for each snapshot. A file is
 * written under another name, forced to disk and renamed, and the folder is forced: after a crash
 * it is there whole, or not at all.
 */
final class FileShelf implements SnapshotShelf {
  /** The file that is being written; a crash may leave one, and the next snapshot overwrites it. */
  private static final String UNDER_WAY = "under-way";

  /** What a file has besides the state: an id of 1,000 bytes, a manifest, numbers. */
  private static final long OVERHEAD = 64 * 1024;

  /** Sets room aside on the disk. */
  interface Room {
    /**
     * @throws JournalUnavailableException when too little would be left
     */
    void require(Path folder, long bytes);
  }

  private final Path directory;
  private final long mostBytes;
  private final Room room;
  private final Disk disk;

  /**
   * @param mostBytes of a state; a larger file is not read
   */
  FileShelf(Path directory, long mostBytes, Room room) {
    this(directory, mostBytes, room, Disk.REAL);
  }

  /** The same, over another disk. */
  FileShelf(Path directory, long mostBytes, Room room, Disk disk) {
    this.disk = disk;
    this.directory = directory;
    this.mostBytes = mostBytes;
    this.room = room;
  }

  private Path folder(String id) {
    return directory.resolve(FileNames.folder(id));
  }

  private Path file(String id, long sequenceNr) {
    return folder(id).resolve(FileNames.snapshot(sequenceNr));
  }

  @Override
  public String place(String id, long sequenceNr) {
    return file(id, sequenceNr).toString();
  }

  @Override
  public List<Long> numbers(String id) {
    try (Stream<Path> files = Files.list(folder(id))) {
      return files
          .map(file -> FileNames.number(file.getFileName().toString()))
          .flatMap(Optional::stream)
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw new JournalException("The folder %s cannot be listed: %s.".formatted(folder(id), e), e);
    }
  }

  @Override
  public StoredSnapshot read(String id, long sequenceNr) throws UnreadableSnapshotException {
    Path file = file(id, sequenceNr);
    StoredSnapshot found;
    try {
      long size = Files.size(file);
      if (size > mostBytes + OVERHEAD) {
        throw new UnreadableSnapshotException("it has " + size + " bytes");
      }
      found = SnapshotFile.decode(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UnreadableSnapshotException("it cannot be read (" + e + ")", e);
    }
    if (!found.persistenceId().equals(id) || found.sequenceNr() != sequenceNr) {
      throw new UnreadableSnapshotException(
          "it is that of persistence id '%s' behind event %d"
              .formatted(found.persistenceId(), found.sequenceNr()));
    }
    return found;
  }

  @Override
  public void put(StoredSnapshot snapshot) {
    Path file = file(snapshot.persistenceId(), snapshot.sequenceNr());
    Path underWay = file.resolveSibling(UNDER_WAY);
    try {
      makeFolder(file.getParent());
      room.require(directory, snapshot.payload().length + OVERHEAD);
      disk.replace(file, underWay, SnapshotFile.encode(snapshot));
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The snapshot %s cannot be written: %s.".formatted(file, e), e);
    }
  }

  private void makeFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      disk.force(directory);
      disk.force(directory.getParent());
    }
  }

  @Override
  public void remove(String id, long sequenceNr) {
    Path file = file(id, sequenceNr);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new JournalException("The snapshot %s cannot be deleted: %s.".formatted(file, e), e);
    }
  }
}
