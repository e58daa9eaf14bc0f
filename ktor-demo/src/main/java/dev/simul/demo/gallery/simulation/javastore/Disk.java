// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import org.jspecify.annotations.Nullable;

/** What a server still has after a crash. What is written here is safe at once; a real store would wait for its disk before it answers. */
public final class Disk {
    /** The latest term that the server knows. */
    int term;

    /** The candidate that has the server's vote in that term. */
    @Nullable String vote;

    final Log log = new Log();

    /** A later term begins, in which the server has not voted. */
    void begin(int term) {
        this.term = term;
        vote = null;
    }
}
