// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Simulation
import dev.simul.simulation.connected
import dev.simul.simulation.line
import dev.simul.simulation.say
import dev.simul.simulation.server
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.milliseconds

/** A printer prints the pages of a book, one after the other, and a letter in between: what asks for it first gets the [permit]. */
internal suspend fun Simulation.letterAmongPages(permit: Permits) {
    var pages = 0

    suspend fun print() {
        permit.acquire()
        try {
            sleep(1.milliseconds)
        } finally {
            permit.release()
        }
    }
    server("printer") { reader, writer ->
        if (reader.line() == "book") {
            repeat(PAGES) {
                print()
                pages++
            }
            writer.say("printed\n")
        } else {
            val before = pages
            print()
            writer.say("printed after ${pages - before} pages\n")
        }
    }
    val author = host("author") { connected("printer") { reader, writer -> printed(reader, writer, "book") shouldBe "printed" } }
    val clerk =
        host("clerk") {
            sleep(getRunningLoop().random.nextInt(2 * PAGES).milliseconds)
            connected("printer") { reader, writer ->
                val waited = printed(reader, writer, "letter").filter { it.isDigit() }.toInt()
                check(waited <= 1) { "the letter was overtaken by $waited pages" }
            }
        }
    author.join()
    clerk.join()
}

private suspend fun printed(
    reader: StreamReader,
    writer: StreamWriter,
    what: String,
): String {
    writer.say("$what\n")
    return reader.line()
}

private const val PAGES = 50
