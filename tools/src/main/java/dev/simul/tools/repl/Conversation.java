// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** A session with somebody at a terminal. */
final class Conversation {
    private static final String PROMPT = "simul> ";
    private static final String CONTINUATION = "  ...> ";

    private final Session session;

    Conversation(Session session) {
        this.session = session;
    }

    void run() {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            if (terminal.getColumns() <= 0) {
                terminal.setSize(Size.of(80, 24)); // There are terminals that do not know, and no line fits in nothing.
            }
            terminal.handle(Terminal.Signal.INT, signal -> {
                System.out.println(); // The terminal has shown ^C.
                session.interrupt();
            });
            LineReader reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .parser(new JavaParser(session))
                    .completer(new JavaCompleter())
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                    .variable(LineReader.SECONDARY_PROMPT_PATTERN, CONTINUATION)
                    .variable(LineReader.HISTORY_FILE, Path.of(System.getProperty("user.home"), ".simul_history"))
                    .build();
            session.showDeclarations();
            System.out.println(session.banner());
            var out = AbovePrompt.of(System.out, reader);
            var err = AbovePrompt.of(System.err, reader);
            System.setOut(out.stream());
            System.setErr(err.stream());
            for (String text = read(reader); text != null && !Session.isExit(text); text = read(reader)) {
                String unfinished = session.evaluate(text);
                if (!unfinished.isBlank()) {
                    session.evaluateOne(unfinished);
                }
                out.endLine();
                err.endLine();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was typed; empty if it was dropped, null at the end. */
    private static @Nullable String read(LineReader reader) {
        try {
            return reader.readLine(PROMPT);
        } catch (UserInterruptException e) {
            return "";
        } catch (EndOfFileException e) {
            return null;
        }
    }
}
