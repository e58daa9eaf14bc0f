// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import java.util.List;
import java.util.stream.Collectors;
import jdk.jshell.SourceCodeAnalysis.Suggestion;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;

/** Asks JShell whether what is typed is finished, and how it may go on. */
final class JavaParser implements Parser {
    private final Session session;

    JavaParser(Session session) {
        this.session = session;
    }

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
        if (context == ParseContext.COMPLETE) {
            int[] anchor = {cursor};
            var suggestions = session.analysis().completionSuggestions(line, cursor, anchor);
            return new Typed(line, cursor, anchor[0], fitting(suggestions));
        }
        if (context == ParseContext.ACCEPT_LINE && !Session.isExit(line) && session.isUnfinished(line)) {
            throw new EOFError(-1, cursor, "a snippet is not finished");
        }
        return new Typed(line, cursor, cursor, List.of());
    }

    /** Those of the type that is wanted, if there are any. */
    private static List<String> fitting(List<Suggestion> suggestions) {
        boolean some = suggestions.stream().anyMatch(Suggestion::matchesType);
        return suggestions.stream()
                .filter(suggestion -> !some || suggestion.matchesType())
                .map(Suggestion::continuation)
                .distinct()
                .collect(Collectors.toList());
    }

    /** What is typed; its only word is what a suggestion replaces. */
    record Typed(String line, int cursor, int anchor, List<String> suggestions) implements CompletingParsedLine {
        @Override
        public String word() {
            return line.substring(anchor, cursor);
        }

        @Override
        public int wordCursor() {
            return cursor - anchor;
        }

        @Override
        public int wordIndex() {
            return 0;
        }

        @Override
        public List<String> words() {
            return List.of(word());
        }

        @Override
        public CharSequence escape(CharSequence candidate, boolean complete) {
            return candidate;
        }

        @Override
        public int rawWordCursor() {
            return wordCursor();
        }

        @Override
        public int rawWordLength() {
            return wordCursor();
        }
    }
}
