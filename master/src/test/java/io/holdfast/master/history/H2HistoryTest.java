package io.holdfast.master.history;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;

/** The history in H2. */
class H2HistoryTest extends HistoryContract {
  @TempDir private Path folder;
  private int opened;

  @Override
  HistoryDatabase open() throws SQLException {
    return new H2History(folder.resolve("h" + opened++), 0).open();
  }
}
