// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;

/** A session whose input is piped in: no prompts, and no more answers than values and errors. */
final class Script {
    private final Session session;

    Script(Session session) {
        this.session = session;
    }

    void run() {
        var input = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        String pending = "";
        try {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                if (pending.isBlank() && Session.isExit(line)) {
                    return;
                }
                pending = session.evaluate(pending + line + "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!pending.isBlank()) {
            session.evaluateOne(pending);
        }
    }
}
