package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R2: the clock that leases are counted by; R10: who a process is. */
class BootClockTest {

  private final BootClock clock = BootClock.open();

  @Test
  void R2_the_clock_is_that_of_proc_uptime_and_never_goes_back() throws Exception {
    long before = BootClock.parseUptimeNanos(Files.readString(Path.of("/proc/uptime")));
    Duration last = clock.now();
    for (int i = 0; i < 10_000; i++) {
      Duration now = clock.now();
      assertThat(now).isGreaterThanOrEqualTo(last);
      last = now;
    }
    long after = BootClock.parseUptimeNanos(Files.readString(Path.of("/proc/uptime")));
    assertThat(last.toNanos()).isBetween(before, after + 10_000_000);
    assertThat(clock.bootId()).hasSize(36);
  }

  @Test
  void R2_a_suspension_that_only_proc_uptime_counts_ends_a_lease_early(@TempDir Path folder)
      throws Exception {
    Path uptime = Files.writeString(folder.resolve("uptime"), "100.00 0.00\n");
    AtomicLong nanos = new AtomicLong(-5_000_000_000L);
    BootClock machine = new BootClock(uptime, nanos::get);
    assertThat(machine.now()).isEqualTo(Duration.ofSeconds(100));
    LeaseFile.Lease lease =
        new LeaseFile.Lease(
            machine.now().plusSeconds(60), Duration.ofSeconds(15), machine.bootId(), machine.now());

    nanos.addAndGet(1_000_000_000L);
    assertThat(machine.now()).as("between two ticks of uptime").isEqualTo(Duration.ofSeconds(101));
    assertThat(lease.isOver(machine.now())).isFalse();

    Files.writeString(uptime, "400.00 0.00\n");
    assertThat(machine.now()).as("it was suspended").isEqualTo(Duration.ofSeconds(400));
    assertThat(lease.isOver(machine.now())).isTrue();

    Files.writeString(uptime, "399.99 0.00\n");
    assertThat(machine.now()).as("never back").isEqualTo(Duration.ofSeconds(400));
    Files.writeString(uptime, "");
    assertThat(machine.now()).as("unreadable").isEqualTo(Duration.ofSeconds(400));
    nanos.addAndGet(500_000_000_000L);
    assertThat(machine.now()).as("by the other clock").isEqualTo(Duration.ofSeconds(601));
  }

  @Test
  void R2_uptime_is_read_in_centiseconds() {
    assertThat(BootClock.parseUptimeNanos("967.09 1825.88\n")).isEqualTo(967_090_000_000L);
    assertThat(BootClock.parseUptimeNanos("0.40 0.00\n")).isEqualTo(400_000_000L);
    assertThat(BootClock.parseUptimeNanos("")).isEqualTo(-1);
  }

  @Test
  void R10_a_command_with_spaces_and_parentheses_is_understood() {
    String line =
        "4711 (a) R 1 (b)) S 1 4712 4713 0 -1 64 104 0 0 0 0 0 0 0 20 0 1 0 96749 3133440 383 1\n";
    assertThat(ProcStat.parse(line.getBytes(StandardCharsets.ISO_8859_1)))
        .contains(
            new ProcStat(
                4711, 'S', 1, 4712, 4713, 64, 96749, new ProcStat.Image("a) R 1 (b)", 0, 0, 0)));
    assertThat(ProcStat.parse(new byte[0])).isEmpty();
  }

  @Test
  void R10_a_process_is_more_than_its_number() throws Exception {
    ProcessIdentity me = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
    assertThat(me.isAlive()).isTrue();
    assertThat(ProcessIdentity.parse(me.toLine())).contains(me);
    assertThat(new ProcessIdentity(me.pid(), me.startTicks() + 1, me.bootId()).isAlive()).isFalse();
    assertThat(new ProcessIdentity(me.pid(), me.startTicks(), "x").isAlive()).isFalse();
    assertThat(ProcessIdentity.parse("-1 2 x")).isEmpty();
    assertThat(ProcessIdentity.parse("1 2 x")).isEmpty();
    assertThat(ProcessIdentity.of(1)).isEmpty();
    // `sleep` never waits for its child: a zombie until it ends. The child ends only when the shell
    // has become `sleep`, for the shell would wait for it.
    String script = "exec 3<&0; { read -r line <&3; } & echo $!; exec sleep 1000";
    Process parent = new ProcessBuilder("sh", "-c", script).start();
    try {
      long zombie = Long.parseLong(parent.inputReader().readLine());
      Path comm = Path.of("/proc/" + parent.pid() + "/comm");
      TaskFixture.until(() -> Files.readString(comm).trim().equals("sleep"));
      parent.getOutputStream().close();
      TaskFixture.until(() -> ProcStat.read(zombie).filter(s -> s.state() == 'Z').isPresent());
      assertThat(ProcessIdentity.of(zombie)).isEmpty();
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void R2_a_lease_file_is_read_as_written_and_ends_early_rather_than_late(@TempDir Path data)
      throws Exception {
    LeaseFile file = new LeaseFile(data, "m");
    assertThat(file.read()).isEmpty();
    Instant wall = Instant.parse("2030-01-01T00:00:00Z");
    file.write(Duration.ofMillis(12_349), Duration.ofSeconds(15), Duration.ofMillis(9_999), wall);
    LeaseFile.Lease lease = file.read().orElseThrow();
    assertThat(lease)
        .isEqualTo(
            new LeaseFile.Lease(
                Duration.ofMillis(12_340),
                Duration.ofSeconds(15),
                clock.bootId(),
                Duration.ofMillis(9_990)));
    assertThat(Files.getLastModifiedTime(data.resolve("masters/m/deadline")).toInstant())
        .isEqualTo(wall.plus(LeaseFile.WALL_MARGIN));
    assertThat(lease.isOver(Duration.ofMillis(12_339))).isFalse();
    assertThat(lease.isOver(Duration.ofMillis(12_340))).isTrue();
    assertThat(
            new LeaseFile.Lease(lease.deadline(), lease.grace(), "x", Duration.ZERO)
                .isOver(Duration.ZERO))
        .isTrue();
  }
}
