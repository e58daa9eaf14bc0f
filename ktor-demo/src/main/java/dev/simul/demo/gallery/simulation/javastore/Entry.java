// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import org.jspecify.annotations.Nullable;

/** A command, and the term of the leader that has put it into the log. The first entry of each term has no command. */
record Entry(int term, @Nullable Command command) {
    String text() {
        return command == null ? "" + term : term + " " + command.text();
    }

    static Entry parse(String text) {
        int blank = text.indexOf(' ');
        if (blank < 0) {
            return new Entry(Integer.parseInt(text), null);
        }
        return new Entry(Integer.parseInt(text.substring(0, blank)), Command.parse(text.substring(blank + 1)));
    }
}
