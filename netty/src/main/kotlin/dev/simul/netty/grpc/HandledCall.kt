// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.Task
import dev.simul.context.copyContext
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.FatalError
import io.grpc.Context
import io.grpc.Metadata
import io.grpc.ServerCall
import io.grpc.ServerCallHandler
import io.grpc.Status
import io.grpc.StatusException
import io.grpc.StatusRuntimeException
import kotlinx.coroutines.flow.Flow
import java.util.concurrent.Executor
import kotlin.coroutines.cancellation.CancellationException

/** Lets a task of [loop] answer each call as [respond] does. */
internal fun <Q : Any, R : Any> handling(
    loop: EventLoop,
    respond: suspend (HandledCall<Q, R>) -> Unit,
): ServerCallHandler<Q, R> {
    val variables = copyContext()
    val inLoop = LoopExecutor(loop)
    return ServerCallHandler { call, metadata ->
        val handled = HandledCall(loop, call, ServicerContext(call, metadata, Context.current()))
        if (loop.isClosed) {
            call.close(Status.UNAVAILABLE.withDescription("the loop that would answer is closed"), Metadata())
        } else {
            inLoop.execute { handled.begin(variables.copy(), respond) }
        }
        ListenerInLoop(inLoop, handled)
    }
}

/** A call that a task of [loop] answers. All that gRPC tells it comes in the loop's thread. */
internal class HandledCall<Q : Any, R : Any>(
    private val loop: EventLoop,
    private val call: ServerCall<Q, R>,
    val context: ServicerContext,
) : ServerCall.Listener<Q>() {
    private val name = call.methodDescriptor.fullMethodName
    val requests = Inbound<Q>(loop, "the requests of $name", call::request)
    private val writable = Signal(loop, "room for the responses of $name")
    private var task: Task<Unit>? = null
    private var hasSent = false
    private var isClosed = false

    fun begin(
        variables: dev.simul.context.Context,
        respond: suspend (HandledCall<Q, R>) -> Unit,
    ) {
        variables.run { callContext.set(context.grpcContext) }
        requests.begin()
        val task = loop.createTask(name, variables) { answer(respond) }
        this.task = task
        task.addDoneCallback { if (task.cancelled()) close(CANCELLED) } // it may never have begun
    }

    override fun onMessage(message: Q) = requests.add(message)

    override fun onHalfClose() = requests.end(null)

    override fun onReady() = writable.fire()

    override fun onCancel() {
        requests.abort(Status.CANCELLED.withDescription(GONE).asRuntimeException())
        task?.cancel(GONE)
    }

    private suspend fun answer(respond: suspend (HandledCall<Q, R>) -> Unit) {
        try {
            respond(this)
        } catch (e: Throwable) {
            close(e)
            if (e is CancellationException || e is FatalError) throw e
            return
        }
        close(Status.OK)
    }

    suspend fun send(responses: Flow<R>) {
        responses.collect(::send)
        context.beginResponses()
    }

    /** A call may be cancelled some turns before its task is: then what it sends is of no use, and the end of it is near. */
    suspend fun send(response: R) {
        writable.until { call.isReady || call.isCancelled }
        if (call.isCancelled) throw CancelledException(GONE)
        context.beginResponses()
        call.sendMessage(response)
        hasSent = true
    }

    private fun close(failure: Throwable) =
        when (failure) {
            is StatusRuntimeException -> close(failure.status, failure.trailers)
            is StatusException -> close(failure.status, failure.trailers)
            is CancellationException -> close(CANCELLED)
            is FatalError -> close(FAILED)
            else -> {
                loop.callExceptionHandler(ExceptionContext("Exception in the handler of $name", failure, mapOf("task" to task!!)))
                close(FAILED)
            }
        }

    private fun close(
        status: Status,
        trailers: Metadata? = null,
    ) {
        if (isClosed) return
        isClosed = true
        trailers?.let(context.trailingMetadata::merge)
        // What was sent and not flushed is only let go of by the close.
        if (hasSent || !call.isCancelled) call.close(status, context.trailingMetadata)
    }

    private companion object {
        const val GONE = "the client has cancelled the call, or is gone"
        val CANCELLED: Status = Status.CANCELLED.withDescription("the handler was cancelled")
        val FAILED: Status = Status.UNKNOWN.withDescription("the handler has failed")
    }
}

/** Passes on to [listener] in the loop what a server tells in threads of its own. */
private class ListenerInLoop<Q>(
    private val inLoop: Executor,
    private val listener: ServerCall.Listener<Q>,
) : ServerCall.Listener<Q>() {
    override fun onMessage(message: Q) = inLoop.execute { listener.onMessage(message) }

    override fun onHalfClose() = inLoop.execute { listener.onHalfClose() }

    override fun onReady() = inLoop.execute { listener.onReady() }

    override fun onCancel() = inLoop.execute { listener.onCancel() }
}
