package io.holdfast.persistence.leveldb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one LevelDB that nobody has open, as they are on disk: what can be read of them, and
 * what cannot. Logs are held in memory (LevelDB keeps them to some megabytes), tables are read
 * block by block. For one thread.
 */
public final class LevelDbFiles {
  private static final Pattern NUMBERED = Pattern.compile("(\\d+)\\.(log|sst|ldb)");
  private static final Pattern CURRENT = Pattern.compile("(MANIFEST-\\d+)\n");

  private final Path directory;
  private final TreeMap<Long, Path> logFiles = new TreeMap<>();
  private final TreeMap<Long, Path> tableFiles = new TreeMap<>();
  private final List<Gap> gaps = new ArrayList<>();
  private final List<TableFile> tables = new ArrayList<>();
  private final List<Entry> logged = new ArrayList<>();
  private boolean hasManifest;
  private Damage interrupted;
  private Path lastLog;

  private LevelDbFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Looks at a directory: the manifest, the logs, and of each table its index.
   *
   * @throws UncheckedIOException when the directory cannot be listed
   */
  public static LevelDbFiles read(Path directory) {
    LevelDbFiles files = new LevelDbFiles(directory);
    try {
      files.list();
      if (!files.isEmpty()) {
        files.readAll();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** Whether there is no LevelDB at all. */
  public boolean isEmpty() {
    return !hasManifest && logFiles.isEmpty() && tableFiles.isEmpty();
  }

  /** What is damaged beyond doubt, as far as it has been read; grows while tables are read. */
  public List<Gap> gaps() {
    return List.copyOf(gaps);
  }

  /**
   * The place where the log or the manifest ends before its time. A write that was never completed
   * looks like that; so does a completed one that was damaged. Who knows what was completed can
   * tell.
   */
  public Optional<Damage> interrupted() {
    return Optional.ofNullable(interrupted);
  }

  /** The newest log: what was written last is there. */
  public Optional<Path> lastLog() {
    return Optional.ofNullable(lastLog);
  }

  /**
   * Hands over the newest version of each key that is not deleted, in the order of the keys. What
   * cannot be read is passed over, and added to {@link #gaps}: of a key that was there an older
   * version may come.
   *
   * @param kinds whether keys with this first byte are wanted; blocks without any are not read
   */
  public void forEach(Predicate<Byte> kinds, Consumer<Entry> sink) {
    iterator(kinds).forEachRemaining(sink);
  }

  /** The same, one after the other when they are asked for; several may be gone through at once. */
  public Iterator<Entry> iterator(Predicate<Byte> kinds) {
    List<Iterator<Entry>> sorted = new ArrayList<>();
    sorted.add(logged.iterator());
    for (TableFile table : tables) {
      sorted.add(new TableEntries(table, kinds));
    }
    return new Merged(sorted, kinds);
  }

  /** Reads the blocks in which a key would be; the places that cannot be read. */
  public List<Damage> check(byte[] key) {
    List<Damage> found = new ArrayList<>();
    for (TableFile table : tables) {
      for (TableFile.Block block : table.blocks()) {
        if (block.keys().holds(key)) {
          try {
            table.read(block);
          } catch (TableFile.DamagedException e) {
            found.add(e.damage());
          }
        }
      }
    }
    return found;
  }

  /** Counts in what is not in the files yet. Its numbers must be above all that LevelDB gave. */
  public void overlay(List<Entry> changes) {
    logged.addAll(changes);
    logged.sort(Entry.ORDER);
  }

  private void list() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        String name = file.getFileName().toString();
        Matcher numbered = NUMBERED.matcher(name);
        if (numbered.matches() && numbered.group(1).length() < 19) {
          (numbered.group(2).equals("log") ? logFiles : tableFiles)
              .put(Long.parseLong(numbered.group(1)), file);
        }
        hasManifest |= name.equals("CURRENT") || name.startsWith("MANIFEST-");
      }
    }
  }

  private void readAll() throws IOException {
    Manifest manifest = readManifest();
    if (manifest == null) {
      // All that is there: better too much, for who wants to save what can be saved.
      for (Path table : tableFiles.values()) {
        openTable(table, Range.ALL);
      }
    } else {
      for (Map.Entry<Long, Range> table : manifest.tables().entrySet()) {
        Path file = tableFiles.get(table.getKey());
        Path missing = directory.resolve("%06d.sst".formatted(table.getKey()));
        openTable(file == null ? missing : file, table.getValue());
      }
      logFiles.keySet().removeIf(number -> !manifest.countsLog(number));
      if (manifest.log() != 0 && !logFiles.containsKey(manifest.log()) && interrupted == null) {
        Path missing = directory.resolve("%06d.log".formatted(manifest.log()));
        interrupted = new Damage(missing, 0, "the file is missing");
      }
    }
    for (Path log : logFiles.values()) {
      lastLog = log;
      readLog(log, log.equals(logFiles.lastEntry().getValue()));
    }
    logged.sort(Entry.ORDER);
  }

  /** The manifest; null when it cannot be known which files count. */
  private Manifest readManifest() throws IOException {
    Path current = directory.resolve("CURRENT");
    if (!Files.isRegularFile(current)) {
      return lost(current, 0, "the file is missing");
    }
    Matcher name =
        CURRENT.matcher(new String(Bytes.read(current, 0, 100), StandardCharsets.ISO_8859_1));
    if (!name.matches() || Files.size(current) > 100) {
      return lost(current, 0, "it does not name a manifest");
    }
    Path file = directory.resolve(name.group(1));
    if (!Files.isRegularFile(file)) {
      return lost(current, 0, "it names " + name.group(1) + ", which is not there");
    }
    Manifest manifest = new Manifest();
    boolean isEmpty = true;
    for (LogFile.Piece piece : LogFile.read(file)) {
      if (piece instanceof LogFile.Damaged damaged) {
        if (damaged.recordsFollow() || isEmpty) {
          return lost(file, damaged.damage().offset(), damaged.damage().what());
        }
        interrupted = damaged.damage();
        return manifest;
      } else if (piece instanceof LogFile.Written written) {
        try {
          manifest.apply(written.bytes());
          isEmpty = false;
        } catch (IllegalArgumentException e) {
          return lost(file, written.offset(), e.getMessage());
        }
      }
    }
    return isEmpty ? lost(file, 0, "it is empty") : manifest;
  }

  private Manifest lost(Path file, long offset, String what) {
    gaps.add(new Gap(new Damage(file, offset, what), Range.ALL));
    return null;
  }

  private void openTable(Path file, Range keys) {
    try {
      tables.add(TableFile.open(file));
    } catch (TableFile.DamagedException e) {
      boolean isThere = Files.isRegularFile(file);
      gaps.add(new Gap(isThere ? e.damage() : new Damage(file, 0, "the file is missing"), keys));
    }
  }

  private void readLog(Path file, boolean isLast) throws IOException {
    for (LogFile.Piece piece : LogFile.read(file)) {
      if (piece instanceof LogFile.Damaged damaged) {
        if (isLast && !damaged.recordsFollow()) {
          interrupted = damaged.damage();
          return;
        }
        gaps.add(new Gap(damaged.damage(), Range.ALL));
      } else if (piece instanceof LogFile.Written written) {
        try {
          logged.addAll(Batch.decode(written.bytes()));
        } catch (IllegalArgumentException e) {
          gaps.add(new Gap(new Damage(file, written.offset(), e.getMessage()), Range.ALL));
        }
      }
    }
  }

  /** The entries of one table, block after block. */
  private final class TableEntries implements Iterator<Entry> {
    private final TableFile table;
    private final Iterator<TableFile.Block> blocks;
    private Iterator<Entry> entries = List.<Entry>of().iterator();

    TableEntries(TableFile table, Predicate<Byte> kinds) {
      this.table = table;
      this.blocks =
          table.blocks().stream().filter(block -> mayHold(block.keys(), kinds)).iterator();
    }

    @Override
    public boolean hasNext() {
      while (!entries.hasNext() && blocks.hasNext()) {
        TableFile.Block block = blocks.next();
        try {
          entries = table.read(block).iterator();
        } catch (TableFile.DamagedException e) {
          Gap gap = new Gap(e.damage(), block.keys());
          if (gaps.stream().noneMatch(known -> known.damage().equals(gap.damage()))) {
            gaps.add(gap);
          }
        }
      }
      return entries.hasNext();
    }

    @Override
    public Entry next() {
      return entries.next();
    }

    private static boolean mayHold(Range keys, Predicate<Byte> kinds) {
      for (int kind = 0; kind < 256; kind++) {
        if (kinds.test((byte) kind) && keys.mayHold((byte) kind)) {
          return true;
        }
      }
      return false;
    }
  }
}
