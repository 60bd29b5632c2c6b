package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rule by which the guardian judges a lease (R12), once as a pure function, and once as {@code
 * judge} in {@code guardian.sh}: both say the same for everything that there can be.
 */
class LeaseRuleTest {

  enum Held {
    NO,
    LATE,
    DOUBT
  }

  /**
   * @param over by the boot clock
   * @param passed by the wall clock
   * @param late whether this look came late
   * @param held whether the tasks stand still, and why
   * @param proven whether the master was heard since then
   * @param settled whether a while has passed since then
   */
  record Look(
      boolean over, boolean passed, boolean late, Held held, boolean proven, boolean settled) {}

  static String judge(Look look) {
    if (look.over()) {
      boolean isProven = look.proven() && !look.passed();
      return look.held() == Held.DOUBT && !isProven ? "kill" : "stop";
    }
    if (look.passed()) {
      return "hold-doubt";
    }
    return switch (look.held()) {
      case NO -> look.late() ? "hold-late" : "leave";
      case LATE -> look.proven() || look.settled() ? "release" : "hold-late";
      case DOUBT -> look.proven() ? "release" : "hold-doubt";
    };
  }

  static List<Look> looks() {
    List<Look> looks = new ArrayList<>();
    for (Held held : Held.values()) {
      for (int bits = 0; bits < 32; bits++) {
        looks.add(
            new Look(
                (bits & 1) != 0,
                (bits & 2) != 0,
                (bits & 4) != 0,
                held,
                (bits & 8) != 0,
                (bits & 16) != 0));
      }
    }
    return looks;
  }

  @Test
  void R12_the_wall_clock_alone_ends_nothing() {
    assertThat(looks())
        .filteredOn(look -> !look.over())
        .extracting(LeaseRuleTest::judge)
        .doesNotContain("kill", "stop");
  }

  @Test
  void R12_what_is_in_doubt_goes_on_only_when_the_master_was_heard() {
    assertThat(looks())
        .filteredOn(look -> look.held() == Held.DOUBT && !look.proven())
        .extracting(LeaseRuleTest::judge)
        .doesNotContain("release", "leave");
  }

  @Test
  void R12_what_is_in_doubt_when_the_lease_is_over_gets_no_grace() {
    assertThat(looks())
        .filteredOn(look -> look.over() && look.held() == Held.DOUBT && !look.proven())
        .extracting(LeaseRuleTest::judge)
        .containsOnly("kill");
  }

  @Test
  void R12_what_is_over_by_the_boot_clock_is_stopped_whatever_else() {
    assertThat(looks())
        .filteredOn(Look::over)
        .extracting(LeaseRuleTest::judge)
        .containsOnly("kill", "stop");
  }

  static List<String> shells() {
    return List.of("/bin/sh", "/usr/bin/bash", "/usr/bin/busybox").stream()
        .filter(shell -> Files.isExecutable(Path.of(shell)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("shells")
  void R12_the_guardian_judges_by_the_same_rule(String shell, @TempDir Path folder)
      throws Exception {
    StringBuilder script = new StringBuilder(rule());
    for (Look look : looks()) {
      String held =
          look.held() == Held.NO ? "" : look.held().name().toLowerCase(java.util.Locale.ROOT);
      script.append(
          String.format(
              "judge '%s' '%s' '%s' '%s' '%s' '%s'; echo \"$verdict\"%n",
              word(look.over()),
              word(look.passed()),
              word(look.late()),
              held,
              word(look.proven()),
              word(look.settled())));
    }
    Path file = Files.writeString(folder.resolve("rule.sh"), script);
    List<String> command = new ArrayList<>(List.of(shell));
    if (shell.endsWith("busybox")) {
      command.add("sh");
    }
    command.add(file.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said.lines().toList())
        .isEqualTo(looks().stream().map(LeaseRuleTest::judge).toList());
  }

  private static String word(boolean yes) {
    return yes ? "1" : "";
  }

  private static String rule() throws IOException {
    try (InputStream in = Guardian.class.getResourceAsStream("guardian.sh")) {
      String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return script.substring(script.indexOf("judge() {"), script.indexOf("# end of the rule"));
    }
  }
}
