package io.holdfast.persistence;

/** The two LevelDBs; what holds of the journal holds on both. */
enum Flavour {
  NATIVE,
  JAVA;

  LevelDbOpener opener() {
    return this == NATIVE ? LevelDbOpener.nativeLibrary() : LevelDbOpener.pureJava();
  }
}
