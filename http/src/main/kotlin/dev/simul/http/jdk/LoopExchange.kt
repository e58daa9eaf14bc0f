// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import com.sun.net.httpserver.Headers
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpPrincipal
import dev.simul.Awaitable
import dev.simul.Future
import dev.simul.Task
import dev.simul.currentTask
import dev.simul.http.ServerExchange
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.io.InputStream
import java.io.InterruptedIOException
import java.io.OutputStream
import java.net.InetSocketAddress
import java.net.URI
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLSession

/**
 * A request and its response, for [face], which a handler has. It lasts until its response is complete or it is closed, which may be after
 * the handler has returned, by another task or thread.
 */
internal class LoopExchange(
    val loop: EventLoop,
    private val waits: Waits,
    val context: LoopHttpContext,
    val core: ServerExchange,
    val uri: URI,
) {
    /** The task of the connection, whose body the handler is. */
    val task: Task<*> = currentTask()!!

    val sslSession: SSLSession? get() = (core.getExtraInfo("ssl_object") as? SSLEngine)?.session
    val face: HttpExchange = if (core.getExtraInfo("ssl_object") == null) PlainExchange(this) else SecureExchange(this)

    val requestHeaders: Headers by lazy { ReceivedFields(core.request.headers) }
    val responseHeaders = Headers()
    val remoteAddress: InetSocketAddress get() = core.getExtraInfo("peername") as InetSocketAddress
    val localAddress: InetSocketAddress get() = core.getExtraInfo("sockname") as InetSocketAddress

    @Volatile
    var principal: HttpPrincipal? = null

    // Bodies.

    private val received = RequestStream(this)
    private val sent = ResponseStream(this)

    @Volatile
    var requestBody: InputStream = received

    @Volatile
    var responseBody: OutputStream = sent

    val responseCode: Int get() = sent.status

    /** Begins the response, with the length that the JDK's interface means: 0 for chunks, and less for none. */
    fun sendResponseHeaders(
        status: Int,
        length: Long,
    ) = onLoop { sent.begin(status, length) }

    /** Ends the exchange by its streams, which may be wrapped. */
    fun close() {
        if (!sent.hasBegun) return onLoop { finished() }
        try {
            requestBody.close()
            responseBody.close()
        } catch (_: IOException) {
            // The response is not complete, and ends with its connection.
        }
    }

    /** Runs [block] on the loop, and waits for that in the caller's place, which may be another thread. */
    fun <T> onLoop(block: suspend () -> T): T {
        try {
            return waits.await(loop, Operation(block))
        } catch (e: InterruptedException) {
            Thread.currentThread().interrupt()
            throw InterruptedIOException("the thread was interrupted").apply { initCause(e) }
        } catch (e: IllegalStateException) {
            throw if (isEndOfLoop(e)) IOException("the loop of the server has ended", e) else e
        }
    }

    /** A thread that is not the loop's learns by [exception] that nothing runs there any longer. */
    private fun isEndOfLoop(exception: IllegalStateException): Boolean {
        if (getRunningLoopOrNull() != null) return false
        return exception is CancellationException || loop.isClosed
    }

    private inner class Operation<T>(
        private val block: suspend () -> T,
    ) : Awaitable<T> {
        override suspend fun await(): T =
            try {
                block()
            } catch (e: CancellationException) {
                throw if (takesBackCancellation()) IOException("the client is gone: ${core.getExtraInfo("peername")}", e) else e
            }
    }

    /** The loss of its connection cancels a handler; one that waits for that very connection gets an exception of input and output. */
    private fun takesBackCancellation(): Boolean {
        if (!core.isLost || currentTask(loop) !== task || task.cancelling() != 1) return false
        task.uncancel()
        return true
    }

    // Attributes, which hide those of the context.

    private val attributes = HashMap<String, Any?>()

    @Synchronized
    fun getAttribute(name: String): Any? = if (name in attributes) attributes[name] else context.attributes[name]

    @Synchronized
    fun setAttribute(
        name: String,
        value: Any?,
    ) {
        attributes[name] = value
    }

    // The end.

    /** Whether nothing more can be read or written. */
    @Volatile
    var isOver = false
        private set
    private var closed: Future<Unit>? = null
    private var ended: Future<Unit>? = null
    private var hasEnded = false

    /** Its response is complete, or never will be. */
    fun finished() {
        isOver = true
        closed?.let { if (!it.done()) it.setResult(Unit) }
    }

    /** Waits until it is closed, after its handler has returned. */
    suspend fun waitClosed() {
        if (isOver || sent.isComplete) return
        Future<Unit>(loop).also { closed = it }.await()
    }

    /** Waits until its connection has done with it. */
    suspend fun waitEnded() {
        if (hasEnded) return
        (ended ?: Future<Unit>(loop).also { ended = it }).await()
    }

    /** The connection has done with it. */
    fun end() {
        isOver = true
        hasEnded = true
        sent.end()
        ended?.let { if (!it.done()) it.setResult(Unit) }
    }

    override fun toString(): String = core.toString()
}
