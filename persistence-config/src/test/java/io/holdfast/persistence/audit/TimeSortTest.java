package io.holdfast.persistence.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Events of many ids in the order of time, with little memory. */
class TimeSortTest {
  private static final class Codec implements TimeSort.Codec<String> {
    private int written;

    @Override
    public void write(DataOutputStream out, String value) throws IOException {
      written++;
      Texts.write(out, value);
    }

    @Override
    public String read(DataInputStream in) throws IOException {
      return Texts.read(in);
    }

    @Override
    public int bytes(String value) {
      return 2 * value.length();
    }
  }

  private static List<String> sorted(TimeSort<String> sort) {
    List<String> values = new ArrayList<>();
    sort.forEach(item -> values.add(item.value()));
    return values;
  }

  @Test
  void whatIsOfOneIdKeepsItsOrderThoughItsClockWasSetBack() {
    try (TimeSort<String> sort = new TimeSort<>(new Codec())) {
      sort.add(10, 0, "a", 1, "a1");
      sort.add(50, 0, "a", 2, "a2");
      sort.add(5, 0, "a", 3, "a3, set back");
      sort.add(60, 0, "a", 4, "a4");
      sort.add(20, 0, "b", 1, "b1");
      sort.add(50, 1, "a", 1, "other a1");
      sort.add(55, 1, "a", 2, "other a2");
      assertThat(sorted(sort))
          .containsExactly("a1", "b1", "a2", "a3, set back", "other a1", "other a2", "a4");
    }
  }

  @Test
  void whatDoesNotFitIntoMemoryWaitsInFilesThatAreDeletedAfterwards() {
    Codec codec = new Codec();
    Random random = new Random(1);
    Path folder;
    int ids = 50;
    int each = 200;
    try (TimeSort<String> sort = new TimeSort<>(codec, 20_000)) {
      for (int id = 0; id < ids; id++) {
        for (int number = 1; number <= each; number++) {
          sort.add(random.nextInt(1_000), 0, "id-" + id, number, id + " " + number);
        }
      }
      assertThat(codec.written).as("written to files, some of it twice").isGreaterThan(ids * each);
      folder = sort.folder();
      assertThat(folder).isDirectory();
      List<TimeSort.Item<String>> items = new ArrayList<>();
      sort.forEach(items::add);
      assertThat(items).hasSize(ids * each);
      assertThat(items).extracting(TimeSort.Item::at).isSorted();
      for (int id = 0; id < ids; id++) {
        String name = "id-" + id;
        assertThat(items.stream().filter(item -> item.persistenceId().equals(name)))
            .extracting(TimeSort.Item::number)
            .isSorted()
            .hasSize(each);
      }
    }
    assertThat(folder).doesNotExist();
  }
}
