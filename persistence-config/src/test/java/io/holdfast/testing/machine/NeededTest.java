package io.holdfast.testing.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class NeededTest {
  @Test
  void whatIsMissingSkipsATestAndFailsItWhereNothingMayBeSkipped() {
    assertThatThrownBy(() -> Needed.require(false, false, "no gcc"))
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("no gcc: not tested");
    assertThatThrownBy(() -> Needed.require(false, true, "no gcc"))
        .isInstanceOf(AssertionFailedError.class)
        .hasMessageContaining("no gcc; with CI in the environment");
    assertThatCode(() -> Needed.require(true, true, "no gcc")).doesNotThrowAnyException();
    assertThatCode(() -> Needed.require(true, false, "no gcc")).doesNotThrowAnyException();
  }

  @Test
  void anEmptyVariableIsNone() {
    assertThat(Needed.isSet(null)).isFalse();
    assertThat(Needed.isSet("")).isFalse();
    assertThat(Needed.isSet("true")).isTrue();
  }
}
