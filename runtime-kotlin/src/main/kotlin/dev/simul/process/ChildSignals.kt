// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.loop.signalNamed
import dev.simul.loop.startingThread
import java.io.IOException
import java.io.InputStream

/** The signals that this process has sent to a child. */
internal class ChildSignals(
    private val process: java.lang.Process,
) {
    private val sent = HashSet<Int>()

    fun terminate() {
        if (!process.isAlive) return
        sent += TERM
        // Process.destroy would also close its streams.
        process.toHandle().destroy()
    }

    fun kill() {
        if (!process.isAlive) return
        sent += KILL
        process.toHandle().destroyForcibly()
    }

    fun killTree() {
        if (!process.isAlive) return
        sent += KILL
        killTree(process.toHandle())
    }

    /** Its children are looked up just before it is killed: afterwards they have no parent by which they could be found. */
    private fun killTree(handle: ProcessHandle) {
        val children = handle.children().toList()
        handle.destroyForcibly()
        children.forEach(::killTree)
    }

    fun send(name: String) {
        when (val number = signalNamed(name).number) {
            TERM -> terminate()
            KILL -> kill()
            else -> send(name, number)
        }
    }

    private fun send(
        name: String,
        number: Int,
    ) {
        if (IS_WINDOWS) throw UnsupportedOperationException("Windows cannot send the signal '$name': use terminate() or kill()")
        if (!process.isAlive) return
        sent += number
        val kill = ProcessBuilder("/bin/sh", "-c", "kill -$number ${process.pid()}").redirectErrorStream(true)
        val command = startingThread { kill.start() }
        command.outputStream.close()
        val complaint = command.inputStream.use(InputStream::readBytes).decodeToString().trim()
        // The child may just have ended; the system knows that earlier than the process object.
        if (command.waitUninterruptibly() != 0 && process.toHandle().isAlive) {
            sent -= number
            throw IOException("cannot send $name to process ${process.pid()}: $complaint")
        }
    }

    /** The JDK reports 128 plus the number for a child killed by a signal. If that signal was sent from here, it killed the child. */
    fun returncodeOf(exitValue: Int): Int = if (exitValue - FIRST_OF_SIGNALS in sent) FIRST_OF_SIGNALS - exitValue else exitValue

    private companion object {
        const val TERM = 15
        const val KILL = 9
        const val FIRST_OF_SIGNALS = 128
    }
}

/** As `waitFor`, but restores an interrupt of the thread afterwards. */
internal fun java.lang.Process.waitUninterruptibly(): Int {
    var interrupted = false
    while (true) {
        try {
            return waitFor().also { if (interrupted) Thread.currentThread().interrupt() }
        } catch (_: InterruptedException) {
            interrupted = true
        }
    }
}
