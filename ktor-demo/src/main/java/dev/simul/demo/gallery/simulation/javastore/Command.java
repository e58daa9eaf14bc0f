// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import java.util.Locale;

/** An operation that a client asks for. Each new one has a higher number; a retry has that of its first attempt. */
record Command(String client, int number, Operation operation) {
    String text() {
        return client + " " + number + " " + operation;
    }

    static Command parse(String text) {
        String[] words = text.split(" ");
        var verb = Operation.Verb.valueOf(words[2].toUpperCase(Locale.ROOT));
        return new Command(words[0], Integer.parseInt(words[1]), new Operation(verb, words[3], words.length > 4 ? words[4] : ""));
    }
}
