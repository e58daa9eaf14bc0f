// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.loop.EventLoop
import dev.simul.loop.NioPoller
import dev.simul.loop.Poller
import dev.simul.net.openDescriptors
import dev.simul.sleep
import dev.simul.timeout
import io.kotest.assertions.withClue
import io.kotest.matchers.collections.shouldBeEmpty
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** The two ways to the pipes of a child. */
internal enum class Pipes(
    val newLoop: () -> EventLoop,
) {
    /** As the system and its poller allow: on Linux the loop selects them. */
    SELECTED({ EventLoop() }),

    /** Threads wait in them, since nobody knows what this poller can do. */
    BLOCKING({ EventLoop(poller = object : Poller by NioPoller() {}) }),
    ;

    /** Runs [main] on such a loop, for no longer than a minute. */
    fun <T> run(main: suspend () -> T): T = runLoop(loopFactory = newLoop) { timeout(60.seconds) { main() } }
}

internal fun bytes(text: String): ByteArray = text.encodeToByteArray()

internal fun ByteArray?.text(): String? = this?.decodeToString()

/** Does [block], twice since some things are made once for all, and waits until pipes, threads and children are as before. */
internal fun leavingNothing(block: () -> Unit) {
    block()
    val before = leftovers()
    block()
    val deadline = System.nanoTime() + 30.seconds.inWholeNanoseconds
    while ((leftovers() - before).isNotEmpty() && System.nanoTime() < deadline) Thread.sleep(10)
    withClue("what is left") { (leftovers() - before).shouldBeEmpty() }
}

private fun leftovers(): Set<String> {
    val threads = Thread.getAllStackTraces().keys.map { it.name }.filter { it.startsWith("simul-pipe") }
    val children = ProcessHandle.current().children().map { "child ${it.pid()}" }.toList()
    return (openDescriptors() + threads + children).toSet()
}
