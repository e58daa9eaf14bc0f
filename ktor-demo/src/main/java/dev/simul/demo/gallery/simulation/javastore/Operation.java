// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import java.util.Locale;

/** One thing to do with one key. Keys and values have no blanks. */
public record Operation(Verb verb, String key, String value) {
    /** What can be done with the value of a key, which is empty at first. */
    public enum Verb {
        GET,
        PUT,
        APPEND
    }

    @Override
    public String toString() {
        return (verb.name().toLowerCase(Locale.ROOT) + " " + key + " " + value).stripTrailing();
    }
}
