package io.holdfast.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.WriteBatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is read while commits wait is what is read once LevelDB has got them. */
class WaitingViewTest {
  private static final int KEYS = 30;

  @TempDir Path directory;
  private final List<Consumer<WriteBatch>> commits = new ArrayList<>();
  private int stored;

  @BeforeEach
  void draw() {
    Random random = new Random(7);
    for (int n = 0; n < 60; n++) {
      int commit = n;
      List<Integer> keys = random.ints(4, 0, KEYS).boxed().toList();
      boolean deletes = random.nextInt(3) == 0;
      commits.add(
          batch ->
              keys.forEach(
                  key -> {
                    if (deletes) {
                      batch.delete(key(key));
                    } else {
                      batch.put(key(key), new byte[] {(byte) commit});
                    }
                  }));
    }
  }

  /** Also above 127: the order is that of unsigned bytes. */
  private static byte[] key(int number) {
    return new byte[] {(byte) (number * 8), (byte) number};
  }

  private void store(DB db, int upTo) throws IOException {
    for (; stored < upTo; stored++) {
      try (WriteBatch batch = db.createWriteBatch()) {
        commits.get(stored).accept(batch);
        db.write(batch);
      }
    }
  }

  private static WaitingView view(DB db, List<Consumer<WriteBatch>> waiting) {
    return new WaitingView(
        db.iterator(),
        waiting.stream()
            .map(
                commit -> {
                  StagedChanges changes = new StagedChanges();
                  commit.accept(changes);
                  return changes.entries();
                })
            .toList());
  }

  /** Key and value as one text each. */
  private static List<String> rest(DBIterator iterator) {
    List<String> all = new ArrayList<>();
    while (iterator.hasNext()) {
      Map.Entry<byte[], byte[]> peeked = iterator.peekNext();
      Map.Entry<byte[], byte[]> next = iterator.next();
      assertThat(next.getKey()).isEqualTo(peeked.getKey());
      assertThat(next.getValue()).isEqualTo(peeked.getValue());
      all.add(next.getKey()[1] + "=" + next.getValue()[0]);
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void R14_readsWhatLevelDbWillHave(Flavour flavour) throws IOException {
    try (DB db = flavour.opener().open(directory.toFile())) {
      for (int has = 0; has <= commits.size(); has += 4) {
        store(db, has);
        for (int waits = 0; has + waits <= commits.size(); waits += 5) {
          // What LevelDB has got meanwhile is among what waits.
          int from = Math.max(0, has - waits / 2);
          assertSame(has + waits, view(db, commits.subList(from, has + waits)));
        }
      }
    }
  }

  private void assertSame(int commit, WaitingView view) throws IOException {
    NavigableMap<Integer, Integer> expected = new TreeMap<>();
    for (int i = 0; i < commit; i++) {
      int value = i;
      StagedChanges changes = new StagedChanges();
      commits.get(i).accept(changes);
      changes
          .entries()
          .forEach(
              entry -> {
                int key = entry.key()[1];
                if (entry.isPut()) {
                  expected.put(key, value);
                } else {
                  expected.remove(key);
                }
              });
    }
    try (view) {
      for (int from = 0; from < KEYS; from += 3) {
        view.seek(key(from));
        assertThat(rest(view)).as("%d from %d", commit, from).isEqualTo(texts(expected, from));
      }
      view.seekToFirst();
      assertThat(rest(view)).isEqualTo(texts(expected, 0));
      assertThat(view.hasNext()).isFalse();
    }
  }

  private static List<String> texts(NavigableMap<Integer, Integer> entries, int from) {
    return entries.tailMap(from, true).entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .toList();
  }

  @Test
  void isReadForwardsOnly() throws IOException {
    try (DB db = Flavour.JAVA.opener().open(directory.toFile());
        WaitingView view = view(db, List.of())) {
      Stream.<Runnable>of(view::hasPrev, view::prev, view::peekPrev, view::seekToLast)
          .forEach(
              step ->
                  assertThatThrownBy(step::run).isInstanceOf(UnsupportedOperationException.class));
    }
  }
}
