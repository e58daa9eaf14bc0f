// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.OutsideWork
import dev.simul.SingleWaiter
import dev.simul.Waiters
import dev.simul.loop.EventLoop
import dev.simul.loop.logger
import dev.simul.transports.OpenTransports
import dev.simul.transports.Protocol
import dev.simul.transports.ReadPipe
import dev.simul.transports.Releasable
import dev.simul.transports.Transport
import dev.simul.transports.WritePipe

/**
 * A [child] and its pipes.
 *
 * Source: `asyncio.base_subprocess.BaseSubprocessTransport`.
 */
internal class ChildTransport(
    private val loop: EventLoop,
    private val child: Child,
    override var protocol: SubprocessProtocol,
) : SubprocessTransport,
    Releasable {
    private val process get() = child.process
    private val signals = ChildSignals(process)
    private val stdin = child.stdin?.let { WritePipe(loop, it, PipeProtocol(0)) }
    private val stdout = child.stdout?.let { ReadPipe(loop, it, PipeProtocol(1)) }
    private val stderr = child.stderr?.let { ReadPipe(loop, it, PipeProtocol(2)) }
    private val waiters = Waiters<Int>(this, "Process.wait") { _, failure -> if (failure == null) returncode!! else throw failure }
    private var openPipes = listOfNotNull(stdin, stdout, stderr).size
    private var isGone = false

    override val pid: Long = process.pid()

    override var returncode: Int? = null
        private set

    override var isClosing: Boolean = false
        private set

    override fun getExtraInfo(name: String): Any? = process.takeIf { name == "subprocess" }

    override fun getPipeTransport(fd: Int): Transport? =
        when (fd) {
            0 -> stdin
            1 -> stdout
            2 -> stderr
            else -> null
        }

    /** Calls the protocol's `connectionMade`, then begins to receive, then completes [waiter]. */
    fun start(waiter: SingleWaiter) {
        watchExit()
        if (loop.debug) logger.debug("{} was started", this)
        OpenTransports[loop].add(this)
        soon { protocol.connectionMade(this) }
        stdin?.start(null)
        stdout?.start(null)
        stderr?.start(null)
        soon { waiter.wake() }
        OutsideWork[loop].begin()
    }

    private fun watchExit() {
        try {
            ExitWatch(loop, process, ::exited).start()
        } catch (e: Throwable) {
            signals.kill()
            listOfNotNull(stdin, stdout, stderr).forEach { it.release() }
            throw e
        }
    }

    private fun soon(callback: () -> Unit) {
        loop.callInOrder(callback)
    }

    private inner class PipeProtocol(
        private val fd: Int,
    ) : Protocol {
        override fun dataReceived(data: ByteArray) = soon { protocol.pipeDataReceived(fd, data) }

        override fun pauseWriting() = protocol.pauseWriting()

        override fun resumeWriting() = protocol.resumeWriting()

        override fun connectionLost(exception: Throwable?) {
            openPipes--
            soon { protocol.pipeConnectionLost(fd, exception) }
            loseIfGone()
        }
    }

    private fun exited(exitValue: Int) {
        OutsideWork[loop].end()
        returncode = signals.returncodeOf(exitValue)
        if (loop.debug) logger.info("{} has exited", this)
        waiters.wakeAll()
        soon { protocol.processExited() }
        // The end would otherwise be noticed only by a write.
        stdin?.close()
        loseIfGone()
    }

    private fun loseIfGone() {
        if (returncode == null || openPipes > 0) return
        soon {
            try {
                protocol.connectionLost(null)
            } finally {
                gone()
            }
        }
    }

    private fun gone() {
        isGone = true
        OpenTransports[loop].remove(this)
    }

    /** Waits until the child has ended, but not for its pipes: the child's own children may hold them forever. */
    suspend fun wait(): Int = returncode ?: waiters.wait()

    override fun sendSignal(signal: String) {
        checkThere()
        signals.send(signal)
    }

    override fun terminate() {
        checkThere()
        signals.terminate()
    }

    override fun kill() {
        checkThere()
        signals.kill()
    }

    fun killTree() = signals.killTree()

    private fun checkThere() {
        if (isGone) throw ProcessLookupException("process $pid has ended with $returncode: there is nobody to signal")
    }

    override fun close() {
        if (isClosing) return
        isClosing = true
        val isRunning = returncode == null && process.isAlive
        if (isRunning) {
            if (loop.debug) logger.warn("{} is closed and still running: it is killed", this)
            signals.kill()
        }
        // A child of the child may hold the pipe, and never read from it.
        if (isRunning) stdin?.abort() else stdin?.close()
        stdout?.close()
        stderr?.close()
    }

    override fun release() {
        isClosing = true
        signals.kill()
    }

    override fun toString(): String =
        buildString {
            append("<ChildTransport")
            if (isClosing) append(" closed")
            append(" pid=").append(pid)
            append(if (returncode == null) " running" else " returncode=$returncode")
            stdin?.let { append(" stdin=").append(it) }
            stdout?.let { append(" stdout=").append(it) }
            stderr?.let { append(" stderr=").append(it) }
            append('>')
        }
}
