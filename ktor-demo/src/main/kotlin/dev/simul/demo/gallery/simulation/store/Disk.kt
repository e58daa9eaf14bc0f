// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

/** What a server still has after a crash. What is written here is safe at once; a real store would wait for its disk before it answers. */
internal class Disk {
    /** The latest term that the server knows. */
    var term = 0
        private set

    /** The candidate that has the server's vote in that term. */
    var vote: String? = null

    val log = Log()

    /** A later term begins, in which the server has not voted. */
    fun begin(term: Int) {
        this.term = term
        vote = null
    }
}
