// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.netty.buffer.ByteBuf
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.socket.ChannelInputShutdownEvent

/** Sends back what comes. */
internal class Echo : ChannelInboundHandlerAdapter() {
    override fun channelRead(
        context: ChannelHandlerContext,
        message: Any,
    ) {
        context.write(message)
    }

    override fun channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }
}

/** Records what happens to a channel. */
internal class Recorder(
    private val events: MutableList<String> = ArrayList(),
) : ChannelInboundHandlerAdapter(),
    List<String> by events {
    val text = StringBuilder()
    var byteCount = 0L
    var isInactive = false
        private set
    var error: Throwable? = null
        private set
    lateinit var context: ChannelHandlerContext
        private set

    override fun handlerAdded(context: ChannelHandlerContext) {
        this.context = context
    }

    override fun channelRegistered(context: ChannelHandlerContext) {
        events += "registered"
    }

    override fun channelUnregistered(context: ChannelHandlerContext) {
        events += "unregistered"
    }

    override fun channelActive(context: ChannelHandlerContext) {
        events += "active"
    }

    override fun channelInactive(context: ChannelHandlerContext) {
        events += "inactive"
        isInactive = true
    }

    override fun channelRead(
        context: ChannelHandlerContext,
        message: Any,
    ) {
        val buffer = message as ByteBuf
        byteCount += buffer.readableBytes()
        if (byteCount < MOST_TEXT) text.append(buffer.toString(Charsets.UTF_8))
        buffer.release()
    }

    override fun userEventTriggered(
        context: ChannelHandlerContext,
        event: Any,
    ) {
        if (event is ChannelInputShutdownEvent) events += "end of input"
    }

    override fun channelWritabilityChanged(context: ChannelHandlerContext) {
        events += if (context.channel().isWritable) "writable" else "not writable"
    }

    @Deprecated("Deprecated in Java")
    override fun exceptionCaught(
        context: ChannelHandlerContext,
        cause: Throwable,
    ) {
        error = cause
        events += "failed"
    }

    private companion object {
        const val MOST_TEXT = 10_000
    }
}
