package io.holdfast.persistence.postgres;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * Where the journal in PostgreSQL is, and its bounds, from the section {@value #SECTION}; {@code
 * reference.conf} describes each.
 *
 * @param password empty: none is sent
 * @param sslRootCert empty: the driver's default
 * @param readThreads replays at once, each with a connection
 * @param queryThreads queries of the read journal at once, each with a connection
 * @param maxWaitingReads most replays that wait for a thread
 * @param connectTimeout the longest wait for a connection
 * @param statementTimeout the longest that the server works on one statement
 * @param socketTimeout the longest wait for an answer of the server
 * @param maxWaitingWrites most atomic writes that wait for a commit
 * @param maxWaitingBytes most bytes of events that wait for a commit
 * @param maxBatchBytes a commit takes no further writes once it has this many bytes
 * @param maxEventBytes an event that is larger when serialized is rejected
 * @param closeTimeout how long closing waits for what is under way
 * @param fence the epoch of the {@link PostgresOwner} for whom all is written: once another has
 *     taken the journal, nothing more is. Zero: written for nobody, and by whoever is there
 */
public record PostgresSettings(
    String host,
    int port,
    String database,
    String user,
    String password,
    String sslMode,
    String sslRootCert,
    int readThreads,
    int queryThreads,
    int maxWaitingReads,
    Duration connectTimeout,
    Duration statementTimeout,
    Duration socketTimeout,
    int maxWaitingWrites,
    long maxWaitingBytes,
    long maxBatchBytes,
    int maxEventBytes,
    Duration closeTimeout,
    long fence) {

  static final String SECTION = "holdfast.journal.postgres";

  private static final Set<String> SSL_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
  private static final int MOST_THREADS = 100;

  /**
   * Reads the section of the whole configuration.
   *
   * @throws ConfigException naming the setting, its value and what would be right
   */
  public static PostgresSettings of(Config system) {
    Config config = system.getConfig(SECTION);
    PostgresSettings settings =
        new PostgresSettings(
            text(config, "host"),
            config.getInt("port"),
            text(config, "database"),
            text(config, "user"),
            password(config),
            config.getString("ssl-mode"),
            config.getString("ssl-root-cert"),
            config.getInt("read-threads"),
            config.getInt("query-threads"),
            config.getInt("max-waiting-reads"),
            duration(config, "connect-timeout"),
            duration(config, "statement-timeout"),
            duration(config, "socket-timeout"),
            config.getInt("max-waiting-writes"),
            config.getBytes("max-waiting-bytes"),
            config.getBytes("max-batch-bytes"),
            (int) Math.min(config.getBytes("max-event-bytes"), Integer.MAX_VALUE),
            config.getDuration("close-timeout"),
            config.getLong("fence"));
    settings.check();
    return settings;
  }

  private void check() {
    between("port", port, 1, 65_535);
    between("read-threads", readThreads, 1, MOST_THREADS);
    between("query-threads", queryThreads, 1, MOST_THREADS);
    between("max-waiting-reads", maxWaitingReads, 1, Integer.MAX_VALUE);
    between("max-waiting-writes", maxWaitingWrites, 1, Integer.MAX_VALUE);
    between("max-waiting-bytes", maxWaitingBytes, 1, Long.MAX_VALUE);
    between("max-batch-bytes", maxBatchBytes, 1, Integer.MAX_VALUE);
    // PostgreSQL takes no message of 1 GiB or more, and a value of bytes may double on its way.
    between("max-event-bytes", maxEventBytes, 1, 256 << 20);
    if (!SSL_MODES.contains(sslMode)) {
      throw bad("ssl-mode", sslMode, "it is one of " + SSL_MODES.stream().sorted().toList());
    }
    if (socketTimeout.compareTo(statementTimeout) <= 0) {
      throw bad(
          "socket-timeout",
          socketTimeout,
          "it must be longer than statement-timeout, " + statementTimeout);
    }
  }

  /** How the server and database are named to people; without the password. */
  public String url() {
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return "jdbc:postgresql://" + shown + ":" + port + "/" + database;
  }

  /**
   * What the driver is told. Every commit waits for the disk, whatever the server's own default is.
   */
  Properties driverProperties() {
    Properties all = new Properties();
    all.setProperty("user", user);
    if (!password.isEmpty()) {
      all.setProperty("password", password);
    }
    all.setProperty("sslmode", sslMode);
    if (!sslRootCert.isEmpty()) {
      all.setProperty("sslrootcert", sslRootCert);
    }
    all.setProperty("connectTimeout", seconds(connectTimeout));
    all.setProperty("loginTimeout", seconds(connectTimeout));
    all.setProperty("socketTimeout", seconds(socketTimeout));
    all.setProperty("cancelSignalTimeout", seconds(connectTimeout));
    all.setProperty("tcpKeepAlive", "true");
    all.setProperty("reWriteBatchedInserts", "false");
    all.setProperty("ApplicationName", "holdfast");
    long statement = statementTimeout.toMillis();
    all.setProperty(
        "options",
        String.join(
            " ",
            List.of(
                "-c synchronous_commit=on",
                "-c statement_timeout=" + statement,
                "-c lock_timeout=" + statement / 2,
                "-c idle_in_transaction_session_timeout=" + statement)));
    return all;
  }

  private static String seconds(Duration duration) {
    return Long.toString(Math.max(1, duration.toSeconds()));
  }

  private static String text(Config config, String key) {
    String value = config.getString(key);
    if (value.isBlank() || value.indexOf('\0') >= 0) {
      throw bad(key, "\"" + value + "\"", "give it a name");
    }
    // They become part of an address.
    if (value.chars().anyMatch(c -> "/?#&%".indexOf(c) >= 0)) {
      throw bad(key, value, "without any of / ? # & %");
    }
    return value;
  }

  private static Duration duration(Config config, String key) {
    Duration value = config.getDuration(key);
    if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofHours(1)) > 0) {
      throw bad(key, value, "between 1 s and 1 h");
    }
    return value;
  }

  private static String password(Config config) {
    String file = config.getString("password-file");
    if (file.isEmpty()) {
      return config.getString("password");
    }
    if (!config.getString("password").isEmpty()) {
      throw bad("password-file", file, "set this or password, not both");
    }
    try {
      List<String> lines = Files.readAllLines(Path.of(file));
      if (lines.isEmpty() || lines.get(0).isBlank()) {
        throw bad("password-file", file, "its first line must be the password, and is empty");
      }
      return lines.get(0).strip();
    } catch (IOException e) {
      throw bad("password-file", file, "it cannot be read (" + e + ")");
    }
  }

  private static void between(String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw bad(key, value, "it must be between " + least + " and " + most);
    }
  }

  private static ConfigException bad(String key, Object value, String right) {
    return new ConfigException.Generic(SECTION + "." + key + " = " + value + ": " + right);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "PostgresSettings[" + url() + ", user " + user + "]";
  }
}
