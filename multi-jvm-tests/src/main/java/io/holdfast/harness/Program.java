package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What to start: a class path and a main class. */
public record Program(String classPath, String mainClass) {

  /** The packaged master of this build. */
  public static Program master() {
    return packaged(home(), "master", "io.holdfast.master.MasterMain");
  }

  /** The packaged agent of this build. */
  public static Program agent() {
    return packaged(home(), "agent", "io.holdfast.agent.AgentMain");
  }

  /**
   * A module as {@code mvn package} leaves it: its jar in {@code target/app}, what it needs in
   * {@code target/app/lib}.
   *
   * @throws IllegalStateException when it was not packaged
   */
  public static Program packaged(Path home, String module, String mainClass) {
    Path app = home.resolve(module).resolve("target").resolve("app");
    if (!holdsJar(app) || !holdsJar(app.resolve("lib"))) {
      throw new IllegalStateException(
          "The module '"
              + module
              + "' is not packaged: no jars in "
              + app
              + " and its lib. Run mvn package first.");
    }
    return new Program(app + "/*:" + app.resolve("lib") + "/*", mainClass);
  }

  /**
   * The root of the source tree: the system property {@code holdfast.home}, or the nearest folder
   * above the working directory that holds the script {@code holdfast} or the pom.xml with the
   * modules.
   */
  public static Path home() {
    String configured = System.getProperty("holdfast.home");
    return configured != null && !configured.isBlank()
        ? Path.of(configured).toAbsolutePath()
        : homeAbove(Path.of("").toAbsolutePath());
  }

  static Path homeAbove(Path start) {
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("holdfast"))
          || hasModules(folder.resolve("pom.xml"))) {
        return folder;
      }
    }
    throw new IllegalStateException(
        "Neither 'holdfast' nor a pom.xml with modules in "
            + start
            + " or above: set -Dholdfast.home=FOLDER");
  }

  private static boolean hasModules(Path pom) {
    try {
      return Files.isRegularFile(pom) && Files.readString(pom).contains("<modules>");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean holdsJar(Path folder) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (var jars = Files.newDirectoryStream(folder, "*.jar")) {
      return jars.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
