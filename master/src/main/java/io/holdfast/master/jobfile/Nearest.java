package io.holdfast.master.jobfile;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the word that was probably meant, for the second half of an error message. */
final class Nearest {
  private static final int MAX_LENGTH = 100;
  private static final int MAX_LISTED = 20;

  private Nearest() {}

  /** The word that is only a slip or two of the keyboard away. */
  static Optional<String> to(String written, Collection<String> words) {
    if (written.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String normal = normal(written);
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String word : words) {
      int distance = distance(normal, normal(word));
      if (distance < bestDistance && distance <= Math.max(1, word.length() / 3)) {
        best = word;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /** {@code did you mean 'x'? }, or nothing. */
  static String question(String written, Collection<String> words) {
    return to(written, words).map(word -> "did you mean '" + word + "'? ").orElse("");
  }

  /** The words in one line, not more of them than can be read; {@code none} if there are none. */
  static String list(Collection<String> words) {
    if (words.isEmpty()) {
      return "none";
    }
    String listed = words.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
    int more = words.size() - MAX_LISTED;
    return more > 0 ? listed + " and " + more + " more" : listed;
  }

  private static String normal(String word) {
    return word.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Edits between the two, where swapping two neighbours is one edit. */
  private static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = row;
    }
    return last[b.length()];
  }
}
