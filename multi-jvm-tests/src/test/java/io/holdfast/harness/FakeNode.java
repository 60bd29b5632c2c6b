package io.holdfast.harness;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program that behaves to the harness like master and agent do, and leaves a process behind like
 * an agent.
 */
public final class FakeNode {
  /** This class on our own class path. */
  static final Program PROGRAM =
      new Program(System.getProperty("java.class.path"), FakeNode.class.getName());

  private FakeNode() {}

  public static void main(String[] arguments) throws IOException {
    String config = Files.readString(Path.of(arguments[1]));
    String role = find(config, "holdfast\\.(master|agent) ");
    if (config.contains("break = true")) {
      System.err.println("cannot start: told so");
      System.exit(3);
    }
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(
                Ports.loopback(), Integer.parseInt(find(config, "port = (\\d+)"))),
            0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] answer =
                ("{\"pid\":" + ProcessHandle.current().pid() + "}")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
    if (role.equals("agent")) {
      new ProcessBuilder("sleep", "300")
          .inheritIO()
          .redirectInput(Path.of("/dev/null").toFile())
          .start();
    }
    System.out.println("some other line");
    System.out.println(
        "holdfast "
            + role
            + " '"
            + find(config, "id = \"(.*?)\"")
            + "' is ready: http://127.0.0.1:"
            + server.getAddress().getPort());
    while (System.in.read() >= 0) {
      // Input means nothing, its end does.
    }
    System.exit(0);
  }

  private static String find(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no " + pattern + " in " + text);
    }
    return matcher.group(1);
  }
}
