package io.holdfast.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ScreenTest {
  @Test
  void coloursOnlyWhereATerminalWantsThem() {
    assertThat(Screen.wantsColour(Map.of("TERM", "xterm"), true)).isTrue();
    assertThat(Screen.wantsColour(Map.of("TERM", "xterm", "NO_COLOR", ""), true)).isTrue();
    assertThat(Screen.wantsColour(Map.of("TERM", "xterm", "NO_COLOR", "1"), true)).isFalse();
    assertThat(Screen.wantsColour(Map.of("TERM", "dumb"), true)).isFalse();
    assertThat(Screen.wantsColour(Map.of(), true)).isFalse();
    assertThat(Screen.wantsColour(Map.of("TERM", "xterm"), false)).isFalse();
  }

  @Test
  void linesCarryTheSecondsAndNoColourIntoAPipe() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Screen screen = new Screen(bytes, false);
    screen.tell(Screen.Look.BAD, "so → so");
    screen.show(Screen.Look.BOLD, "one\ntwo");
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .matches(" {2}0\\.\\d s {2}so → so\none\ntwo\n");
  }

  @Test
  void aTerminalGetsColours() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new Screen(bytes, true).show(Screen.Look.BAD, "no");
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("\u001b[31mno\u001b[0m\n");
  }
}
