package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent does not start where it could not keep its promises. */
class ProcFilesTest {
  @TempDir Path proc;

  @Test
  void R10_a_machine_without_proc_is_refused_with_what_is_missing_and_what_to_do()
      throws Exception {
    for (String missing : new String[] {"uptime", "self/stat", "sys/kernel/random/boot_id"}) {
      assertThatThrownBy(() -> ProcFiles.require(proc))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(proc.resolve(missing) + " cannot be read")
          .hasMessageContaining("mount -t proc proc /proc");
      Files.createDirectories(proc.resolve(missing).getParent());
      Files.createFile(proc.resolve(missing));
    }
    assertThatCode(() -> ProcFiles.require(proc)).doesNotThrowAnyException();
  }

  @Test
  void this_machine_has_all_of_it() {
    assertThatCode(ProcFiles::require).doesNotThrowAnyException();
  }
}
