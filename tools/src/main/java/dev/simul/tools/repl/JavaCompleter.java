// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** Offers what {@link JavaParser} has found. */
final class JavaCompleter implements Completer {
    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        if (line instanceof JavaParser.Typed typed) {
            for (String suggestion : typed.suggestions()) {
                candidates.add(new Candidate(suggestion, suggestion, null, null, null, null, false));
            }
        }
    }
}
