package io.holdfast.protocol.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.protocol.Names;
import io.holdfast.protocol.wire.WireJson;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An id that exists is well-formed, and reads back from what it writes. */
class IdTest {
  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withCharRange('A', 'Z')
        .withCharRange('0', '9')
        .withChars("._-")
        .ofMinLength(1)
        .ofMaxLength(100)
        .filter(name -> name.charAt(0) != '.');
  }

  @Property
  void idsOfAnyValidNameReadBack(
      @ForAll("names") String name,
      @ForAll @LongRange(min = 1) long number,
      @ForAll @IntRange(min = 1) int attempt,
      @ForAll @IntRange(min = 1) int request) {
    RunId run = new RunId(new JobName(name), number);
    ExecutionId execution = run.execution(attempt);
    RequestId id = execution.request(request);
    assertThat(RunId.parse(run.toString())).isEqualTo(run);
    assertThat(ExecutionId.parse(execution.toString())).isEqualTo(execution);
    assertThat(RequestId.parse(id.toString())).isEqualTo(id);
    assertThat(WireJson.read(WireJson.write(id), RequestId.class)).isEqualTo(id);
    assertThat(new String(WireJson.write(execution), StandardCharsets.UTF_8))
        .isEqualTo("\"" + execution + "\"");
  }

  @Property
  void whateverIsReadIsWrittenTheSame(@ForAll("almostIds") String text) {
    try {
      assertThat(RequestId.parse(text).toString()).isEqualTo(text);
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("'");
    }
  }

  @Provide
  Arbitrary<String> almostIds() {
    return Arbitraries.strings().withChars("a.#/-_0129 +").ofMaxLength(12);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "run, \"\", run '' is not of the form job#number",
        "run, tick, run 'tick' is not of the form job#number",
        "run, #1, run '#1' is not of the form job#number",
        "run, tick#, run 'tick#' is not of the form job#number",
        "run, tick#0, run 'tick#0' is not of the form job#number",
        "run, tick#01, run 'tick#01' is not of the form job#number",
        "run, tick#+1, run 'tick#+1' is not of the form job#number",
        "run, tick#-1, run 'tick#-1' is not of the form job#number",
        "run, tick#١, run 'tick#١' is not of the form job#number",
        "run, tick#9223372036854775808, run 'tick#9223372036854775808': a number is too large",
        "run, .tick#1, job '.tick' is not a name",
        "run, a#b#1, job 'a#b' is not a name",
        "run, ../x#1, job '../x' is not a name",
        "execution, tick#1, execution 'tick#1' is not of the form job#number.attempt",
        "execution, a.b#1, execution 'a.b#1' is not of the form job#number.attempt",
        "execution, tick#1., execution 'tick#1.' is not of the form job#number.attempt",
        "execution, tick#1.0, execution 'tick#1.0' is not of the form job#number.attempt",
        "execution, tick.1, run 'tick' is not of the form job#number",
        "execution, tick#1.2147483648, execution 'tick#1.2147483648': the attempt is too large",
        "request, tick#1.1, request 'tick#1.1' is not of the form job#number.attempt/request",
        "request, tick#1.1/, request 'tick#1.1/' is not of the form job#number.attempt/request",
        "request, tick#1.1/x, request 'tick#1.1/x' is not of the form job#number.attempt/request",
        "request, tick#1/1, execution 'tick#1' is not of the form job#number.attempt",
        "request, tick#1.1/2147483648, request 'tick#1.1/2147483648': the number is too large",
      })
  void whatIsNotAnIdIsRefusedInWords(String what, String text, String message) {
    Function<String, Object> parse =
        switch (what) {
          case "run" -> RunId::parse;
          case "execution" -> ExecutionId::parse;
          default -> RequestId::parse;
        };
    assertThatThrownBy(() -> parse.apply(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  private static Stream<Arguments> namedIds() {
    return Stream.of(
        Arguments.of("agent id", (Function<String, Object>) AgentId::new),
        Arguments.of("incarnation", (Function<String, Object>) Incarnation::new),
        Arguments.of("job", (Function<String, Object>) JobName::new),
        Arguments.of("journal id", (Function<String, Object>) JournalId::new),
        Arguments.of("master id", (Function<String, Object>) MasterId::new),
        Arguments.of("session id", (Function<String, Object>) SessionId::new));
  }

  @ParameterizedTest
  @MethodSource("namedIds")
  void noNameCanBecomeAPath(String what, Function<String, Object> make) {
    for (String bad :
        new String[] {
          "",
          ".",
          "..",
          ".a",
          "a/b",
          "a\\b",
          "a b",
          "a#1",
          "a\n",
          "\n",
          "a\0",
          "ä",
          "a%2f",
          "x".repeat(101),
          null
        }) {
      assertThatThrownBy(() -> make.apply(bad))
          .as("%s", bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(what + " '" + bad + "' is not a name: use 1 to 100");
      assertThat(Names.isValid(bad)).isFalse();
    }
    for (String good : new String[] {"a", "A.b_c-9", "-", "_", "0", "a..b", "x".repeat(100)}) {
      assertThat(make.apply(good)).hasToString(good);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE})
  void countersAreNotNegative(long value) {
    assertThatThrownBy(() -> new MasterEpoch(value)).hasMessageContaining("master epoch " + value);
    assertThatThrownBy(() -> new FencingToken(value))
        .hasMessageContaining("fencing token " + value);
  }

  @Test
  void countersGrowAndDoNotWrap() {
    assertThat(new MasterEpoch(4).next()).isEqualTo(new MasterEpoch(5));
    assertThat(new FencingToken(4).next()).isEqualTo(new FencingToken(5));
    assertThat(new MasterEpoch(4)).isLessThan(new MasterEpoch(5));
    assertThat(new FencingToken(4)).isLessThan(new FencingToken(5));
    assertThatThrownBy(() -> new MasterEpoch(Long.MAX_VALUE).next())
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> new FencingToken(Long.MAX_VALUE).next())
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void countsBeginAtOne() {
    RunId run = RunId.parse("tick#1");
    assertThatThrownBy(() -> new RunId(run.job(), 0)).hasMessageContaining("count from 1");
    assertThatThrownBy(() -> new RunId(null, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> run.execution(0)).hasMessageContaining("count from 1");
    assertThatThrownBy(() -> run.execution(1).request(0)).hasMessageContaining("count from 1");
  }

  @Test
  void idsAreOrderedByNumberNotByText() {
    List<String> ordered =
        List.of(
            "a#2.1/1", "a#10.1/1", "a#10.2/1", "a#10.10/1", "a#10.10/2", "a#10.10/10", "b#1.1/1");
    List<RequestId> requests =
        new java.util.ArrayList<>(ordered.stream().map(RequestId::parse).toList());
    Collections.shuffle(requests, new java.util.Random(1));
    assertThat(requests.stream().sorted().map(RequestId::toString)).isEqualTo(ordered);
  }
}
