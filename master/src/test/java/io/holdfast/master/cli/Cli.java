package io.holdfast.master.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;

/** Runs commands in this JVM, with surroundings of their own. */
final class Cli {
  private final Map<String, String> env = new TreeMap<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private byte[] in = new byte[0];
  private boolean colour;
  private boolean terminal;
  private boolean readerGone;
  private Duration giveUp = Duration.ofSeconds(10);

  Cli(FakeMaster master) {
    env.put("HOLDFAST_MASTER_URL", master.url());
  }

  Cli env(String name, String value) {
    env.put(name, value);
    return this;
  }

  Cli in(String text) {
    in = text.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  Cli colour() {
    colour = true;
    return this;
  }

  Cli terminal() {
    terminal = true;
    return this;
  }

  /** As with {@code | head}: nobody reads what is written. */
  Cli nobodyReads() {
    readerGone = true;
    return this;
  }

  Cli giveUp(Duration time) {
    giveUp = time;
    return this;
  }

  int run(String... args) {
    out.reset();
    err.reset();
    CliIo.Patience patience =
        new CliIo.Patience(
            giveUp, Duration.ofMillis(50), Duration.ofMillis(20), Duration.ofMillis(500));
    CliIo io =
        new CliIo(
            new PrintStream(readerGone ? closed() : out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new ByteArrayInputStream(in),
            env,
            colour,
            terminal,
            false,
            ZoneOffset.UTC,
            patience);
    return HoldfastCli.execute(io, args);
  }

  private static OutputStream closed() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException("Broken pipe");
      }
    };
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
