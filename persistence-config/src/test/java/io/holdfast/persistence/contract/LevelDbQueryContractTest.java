package io.holdfast.persistence.contract;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.query.LevelDbReadJournal;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract of the queries, on the embedded journal. */
class LevelDbQueryContractTest extends QueryContract {
  @TempDir Path directory;

  @Override
  protected Config config() {
    return PersistenceConfig.withDefaults(
        ConfigFactory.parseString("holdfast.journal.leveldb.dir = \"" + directory + "\""));
  }

  @Override
  protected String plugin() {
    return LevelDbReadJournal.IDENTIFIER;
  }
}
