// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import io.grpc.Context
import io.grpc.Deadline
import io.grpc.Grpc
import io.grpc.Metadata
import io.grpc.MethodDescriptor
import io.grpc.ServerCall
import java.net.SocketAddress

/**
 * What a handler knows of its call, besides the requests. It belongs to the loop.
 *
 * To fail, a handler throws: `throw Status.NOT_FOUND.withDescription(name).asRuntimeException()`.
 *
 * Source: `grpc.aio.ServicerContext`.
 *
 * @property invocationMetadata what the client sent with the request. Source: `ServicerContext.invocation_metadata()`.
 * @property grpcContext gRPC's own context of this call, with what interceptors put into it: `key.get(context.grpcContext)`. In a handler,
 *   `Context.current()` is that of the thread, which all calls share.
 */
public class ServicerContext internal constructor(
    private val call: ServerCall<*, *>,
    public val invocationMetadata: Metadata,
    public val grpcContext: Context,
) {
    private var hasSentMetadata = false

    /** What the client gets at the end, also at a failure: add to it. Source: `ServicerContext.set_trailing_metadata(…)`. */
    public val trailingMetadata: Metadata = Metadata()

    /** When the client gives up; null if it set no deadline. Compare `ServicerContext.time_remaining()`. */
    public val deadline: Deadline? get() = grpcContext.deadline

    /** The client's address, if there is one. Source: `ServicerContext.peer()`. */
    public val peer: SocketAddress? get() = call.attributes[Grpc.TRANSPORT_ATTR_REMOTE_ADDR]

    /** What is called. */
    public val method: MethodDescriptor<*, *> get() = call.methodDescriptor

    /**
     * Sends [metadata] ahead of the first response; without it, that is done when there is a response.
     *
     * Source: `ServicerContext.send_initial_metadata(…)`.
     *
     * @throws IllegalStateException if it has been sent already.
     */
    public fun sendInitialMetadata(metadata: Metadata) {
        check(!hasSentMetadata) { "the initial metadata of $this was sent already: send it once, before the first response" }
        hasSentMetadata = true
        call.sendHeaders(metadata)
    }

    internal fun beginResponses() {
        if (!hasSentMetadata) sendInitialMetadata(Metadata())
    }

    override fun toString(): String = "<call of ${method.fullMethodName} from ${peer ?: "this process"}>"
}
