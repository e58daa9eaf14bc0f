// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import org.jline.reader.LineReader;

/** Output that leaves the line alone which somebody is typing: meanwhile it is printed above, line by line. */
final class AbovePrompt extends OutputStream {
    private final PrintStream target;
    private final LineReader reader;
    private final Charset charset;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean isInLine;

    private AbovePrompt(PrintStream target, LineReader reader) {
        this.target = target;
        this.reader = reader;
        this.charset = reader.getTerminal().encoding();
    }

    static AbovePrompt of(PrintStream target, LineReader reader) {
        return new AbovePrompt(target, reader);
    }

    PrintStream stream() {
        return new PrintStream(this, true, charset);
    }

    @Override
    public synchronized void write(int b) {
        line.write(b);
        if (b == '\n') {
            flush();
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    @Override
    public synchronized void flush() {
        if (line.size() == 0) {
            return;
        }
        String text = line.toString(charset);
        boolean isWhole = text.endsWith("\n");
        if (reader.isReading()) {
            if (!isWhole) {
                return;
            }
            reader.printAbove(text.substring(0, text.length() - 1));
        } else {
            target.write(line.toByteArray(), 0, line.size());
            target.flush();
            isInLine = !isWhole;
        }
        line.reset();
    }

    /** Begins a new line unless this is at the beginning of one. */
    synchronized void endLine() {
        flush();
        if (isInLine) {
            write('\n');
        }
    }
}
