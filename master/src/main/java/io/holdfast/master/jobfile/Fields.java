package io.holdfast.master.jobfile;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads mappings and scalars of the tree, and notes what is of another kind. YAML's types do not
 * matter here: {@code 01}, {@code yes} and {@code 1.50} are the text that was written.
 */
final class Fields {
  private static final Set<Tag> SCALARS = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL);

  private final Problems problems;

  Fields(Problems problems) {
    this.problems = problems;
  }

  /** One key with its value, and where both stand. */
  record Field(Node key, Node value) {}

  /**
   * The fields of the mapping {@code node} by key, in the order of the file. A key that is there
   * twice is noted, and the first one counts.
   *
   * @param what what should stand here, for the message if it is no mapping
   */
  Optional<Map<String, Field>> mapping(Node node, String path, String what) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(node, path, "is " + kind(node) + ", not a mapping: write " + what);
      return Optional.empty();
    }
    if (!node.getTag().equals(Tag.MAP)) {
      problems.add(node, path, "has the tag " + node.getTag().getValue() + ": leave the tag out");
      return Optional.empty();
    }
    Map<String, Field> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (problems.isFull()) {
        break;
      }
      Node keyNode = tuple.getKeyNode();
      if (!(keyNode instanceof ScalarNode scalar) || isNull(keyNode)) {
        problems.add(keyNode, path, "a key is " + kind(keyNode) + ": write a name");
        continue;
      }
      String key = scalar.getValue();
      Field first = fields.putIfAbsent(key, new Field(keyNode, tuple.getValueNode()));
      if (first != null) {
        int line = first.key().getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
        problems.add(
            keyNode,
            join(path, key),
            "stands here a second time: it is in line " + line + " already, remove one of them");
      }
    }
    return Optional.of(fields);
  }

  /** Notes each key that is not among {@code allowed}. */
  void refuseUnknown(Map<String, Field> fields, String path, Collection<String> allowed) {
    fields.forEach(
        (key, field) -> {
          if (!allowed.contains(key)) {
            problems.add(
                field.key(),
                join(path, Problems.printable(key)),
                "unknown key: "
                    + Nearest.question(key, allowed)
                    + "Allowed here: "
                    + Nearest.list(allowed));
          }
        });
  }

  /** The text of a scalar as it was written; anything else is noted. */
  Optional<String> text(Node node, String path) {
    if (isNull(node)) {
      String written = node instanceof ScalarNode scalar ? scalar.getValue() : "";
      problems.add(
          node,
          path,
          written.isEmpty()
              ? "has no value: write one, or \"\" for an empty text"
              : "is YAML's word for no value: write \"" + written + "\" if you mean the text");
      return Optional.empty();
    }
    if (!(node instanceof ScalarNode scalar)) {
      problems.add(node, path, "is " + kind(node) + ", not a text: write one value");
      return Optional.empty();
    }
    if (!SCALARS.contains(node.getTag())) {
      problems.add(node, path, "has the tag " + node.getTag().getValue() + ": leave the tag out");
      return Optional.empty();
    }
    return Optional.of(scalar.getValue());
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Whether nothing stands there, or a word that means nothing. */
  static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  private static String kind(Node node) {
    if (isNull(node)) {
      return "empty";
    }
    if (node instanceof SequenceNode) {
      return "a list";
    }
    return node instanceof MappingNode ? "a mapping" : "a single value";
  }
}
