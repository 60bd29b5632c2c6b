package io.holdfast.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.harness.FaultProxy.Cut;
import io.holdfast.harness.FaultProxy.Direction;
import io.holdfast.harness.FaultProxy.Lossy;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class FaultProxyTest {
  /** How long nothing must come before we believe that nothing comes. */
  private static final int SILENCE_MS = 150;

  private EchoServer echo;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new EchoServer();
    proxy = FaultProxy.to("test", echo.port());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    echo.close();
  }

  @Test
  void withoutFaultsAllBytesPassBothWaysAndTheEndToo() throws Exception {
    byte[] much = new byte[3_000_000];
    new Random(1).nextBytes(much);
    try (Socket client = connect()) {
      CompletableFuture<byte[]> answer =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return client.getInputStream().readAllBytes();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      client.getOutputStream().write(much);
      client.shutdownOutput();
      assertThat(answer.get()).isEqualTo(much);
    }
    assertThat(proxy.bytes(Direction.TO_TARGET)).isEqualTo(much.length);
    await().until(() -> proxy.connections() == 0);
    await().until(() -> echo.connections() == 0);
  }

  @Test
  void aCutResetsWhatIsConnectedAndRefusesWhatComes() throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.cut();
      assertReset(client);
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      await().until(() -> echo.connections() == 0);
      proxy.heal();
      try (Socket again = connect()) {
        assertEchoes(again, "after");
      }
    }
  }

  @Test
  void aCutMayAcceptAndReset() throws Exception {
    proxy.cut(Cut.ACCEPT_AND_RESET);
    assertResetAtOnce();
    proxy.heal();
    try (Socket client = connect()) {
      assertEchoes(client, "after");
    }
  }

  @Test
  void aSilentCutAnswersNoAttemptToConnectAndDeliversLateAfterwards() throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.cut(Cut.SILENT);
      assertThatThrownBy(this::connect).isInstanceOf(SocketTimeoutException.class);
      send(client, "late");
      assertSilent(client);
      proxy.heal();
      assertThat(receive(client, 4)).isEqualTo("late");
      try (Socket again = connect()) {
        assertEchoes(again, "after");
      }
    }
  }

  @Test
  void aBlackholeAcceptsAndMovesNothing() throws Exception {
    try (Socket before = connect()) {
      assertEchoes(before, "before");
      proxy.blackhole();
      send(before, "one");
      try (Socket during = connect()) {
        send(during, "two");
        assertSilent(before);
        assertSilent(during);
        assertThat(echo.received()).isEqualTo("before");
        proxy.heal();
        assertThat(receive(before, 3)).isEqualTo("one");
        assertThat(receive(during, 3)).isEqualTo("two");
      }
    }
  }

  @Test
  void aBlackholeHidesThatThePeerHasGone() throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.blackhole();
      echo.close();
      assertSilent(client);
      proxy.heal();
      client.setSoTimeout(5_000);
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void bytesOfOneDirectionAreSwallowedAndTheOtherGoesOn() throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.drop(Direction.TO_CLIENT);
      send(client, "-heard");
      assertSilent(client);
      assertThat(echo.received()).isEqualTo("before-heard");
      proxy.heal();
      assertReset(client);
    }
  }

  @Test
  void aConnectionThatLostBytesMayStayHalfOpenAfterTheHeal() throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.drop(Direction.TO_TARGET);
      send(client, "swallowed");
      assertSilent(client);
      proxy.heal(Lossy.STAY_HALF_OPEN);
      send(client, "swallowed too");
      assertSilent(client);
      assertThat(echo.received()).isEqualTo("before");
      try (Socket again = connect()) {
        assertEchoes(again, "after");
      }
    }
  }

  @Test
  void aConnectionThatLostNothingSurvivesTheHeal() throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.drop(Direction.TO_TARGET);
      proxy.heal();
      assertEchoes(client, "after");
    }
  }

  @Test
  void aDelayIsPaidOnceEachWay() throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.delay(Duration.ofMillis(200));
      long start = System.nanoTime();
      send(client, "lat");
      send(client, "er");
      assertThat(receive(client, 5)).isEqualTo("later");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(400), Duration.ofSeconds(3));
      proxy.heal();
      assertEchoes(client, "after");
    }
  }

  @Test
  void aResetEndsOnlyWhatIsConnected() throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.reset();
      assertReset(client);
      try (Socket again = connect()) {
        assertEchoes(again, "after");
      }
    }
  }

  @Test
  void aTargetThatDoesNotListenLooksLikeAReset() throws Exception {
    echo.close();
    assertResetAtOnce();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void closingLeavesNoThreadNoConnectionAndNoPort(Cut cut) throws Exception {
    try (Socket client = connect()) {
      assertEchoes(client, "before");
      proxy.blackhole();
      send(client, "held");
      proxy.cut(cut);
      proxy.close();
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(thread -> thread.getName().startsWith("fault-proxy-test"));
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    }
    await().until(() -> echo.connections() == 0);
    assertThat(echo.received()).isEqualTo("before");
  }

  @Test
  void aCutAndAHealAreInForceWhenTheyReturn() throws Exception {
    for (int i = 0; i < 50; i++) {
      proxy.cut();
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      proxy.heal();
      try (Socket client = connect()) {
        assertEchoes(client, "after");
      }
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(Ports.loopback(), proxy.port()), 500);
    return socket;
  }

  private static void assertEchoes(Socket client, String text) throws IOException {
    send(client, text);
    assertThat(receive(client, text.length())).isEqualTo(text);
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String receive(Socket client, int count) throws IOException {
    client.setSoTimeout(10_000);
    return new String(client.getInputStream().readNBytes(count), StandardCharsets.UTF_8);
  }

  private static void assertSilent(Socket client) throws IOException {
    client.setSoTimeout(SILENCE_MS);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
  }

  /** The reset may come as early as in the connect. */
  private void assertResetAtOnce() {
    assertThatThrownBy(
            () -> {
              try (Socket client = connect()) {
                client.setSoTimeout(10_000);
                client.getInputStream().read();
              }
            })
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  private static void assertReset(Socket client) throws IOException {
    client.setSoTimeout(10_000);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }
}
