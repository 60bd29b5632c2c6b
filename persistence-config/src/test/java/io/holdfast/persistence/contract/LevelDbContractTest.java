package io.holdfast.persistence.contract;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on the embedded journal. */
class LevelDbContractTest extends StoreContract {
  @TempDir Path directory;

  @Override
  protected Config config() {
    return PersistenceConfig.withDefaults(
        ConfigFactory.parseString("holdfast.journal.leveldb.dir = \"" + directory + "\""));
  }
}
