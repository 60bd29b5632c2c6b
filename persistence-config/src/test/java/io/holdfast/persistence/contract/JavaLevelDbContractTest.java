package io.holdfast.persistence.contract;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

/** The contract, on the embedded journal with the LevelDB that is written in Java. */
class JavaLevelDbContractTest extends LevelDbContractTest {
  @Override
  protected Config config() {
    return ConfigFactory.parseString("holdfast.journal.leveldb.native = off")
        .withFallback(super.config());
  }
}
