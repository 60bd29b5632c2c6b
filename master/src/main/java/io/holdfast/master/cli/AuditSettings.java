package io.holdfast.master.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.holdfast.master.config.Persistence;
import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.LevelDbAuditSource;
import io.holdfast.persistence.LevelDbImport;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ImportTarget;
import io.holdfast.persistence.postgres.PostgresAuditSource;
import io.holdfast.persistence.postgres.PostgresImport;
import io.holdfast.persistence.postgres.PostgresSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the journal of a master is, as its settings say.
 *
 * @param master its name
 * @param data its data directory
 * @param database where it is, if it is not in there
 */
record AuditSettings(String master, Path data, Optional<PostgresSettings> database) {

  /** Reads a file as the master does. */
  static AuditSettings of(File file) {
    if (!file.isFile()) {
      throw new CliFailure("there is no file " + file.getAbsolutePath());
    }
    try {
      Config all = PersistenceConfig.withDefaults(ConfigFactory.parseFile(file));
      return new AuditSettings(
          all.getString("holdfast.master.id"),
          Path.of(all.getString("holdfast.master.data")).toAbsolutePath().normalize(),
          Persistence.of(all) == Persistence.POSTGRES
              ? Optional.of(PostgresSettings.of(all))
              : Optional.empty());
    } catch (ConfigException | IllegalArgumentException e) {
      throw new CliFailure(e.getMessage(), e);
    }
  }

  /** The journal, to be read. */
  AuditSource source() {
    return database.isPresent()
        ? PostgresAuditSource.open(database.get(), Optional.of(owner()))
        : LevelDbAuditSource.open(data);
  }

  /** Without an id of the directory where there is no directory yet. */
  private DirectoryIdentity owner() {
    return identity(data).orElse(new DirectoryIdentity("master", master, ""));
  }

  /** The journal, to be made. */
  ImportTarget target() {
    return database.isPresent() ? PostgresImport.into(database.get()) : LevelDbImport.into(data);
  }

  static Optional<DirectoryIdentity> identity(Path directory) {
    try {
      return DirectoryIdentity.read(directory);
    } catch (IOException e) {
      throw new JournalException(
          "The data directory %s cannot be read: %s.".formatted(directory, e), e);
    }
  }
}
