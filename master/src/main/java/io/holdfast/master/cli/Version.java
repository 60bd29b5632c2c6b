package io.holdfast.master.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that Maven writes into the jar. */
final class Version implements IVersionProvider {
  private static final String FILE = "/META-INF/maven/io.holdfast/holdfast-master/pom.properties";

  @Override
  public String[] getVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(FILE)) {
      if (in != null) {
        properties.load(in);
      }
    }
    return new String[] {
      "holdfast " + properties.getProperty("version", "(not built as a jar)"),
      "Java " + Runtime.version()
    };
  }
}
