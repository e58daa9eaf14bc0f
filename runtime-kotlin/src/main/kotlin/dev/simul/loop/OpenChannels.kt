// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.net.ProtocolFamily
import java.net.SocketException
import java.nio.channels.DatagramChannel
import java.nio.channels.Pipe
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.channels.spi.SelectorProvider

/** The provider of a loop's channels has no sockets of a family. */
internal class NoSuchFamilyException(
    message: String,
) : SocketException(message)

/** @throws NoSuchFamilyException if the loop's provider has no such sockets. */
internal fun EventLoop.openSocketChannel(family: ProtocolFamily): SocketChannel = open(family) { it.openSocketChannel(family) }

/** @throws NoSuchFamilyException if the loop's provider has no such sockets. */
internal fun EventLoop.openServerSocketChannel(family: ProtocolFamily): ServerSocketChannel =
    open(family) { it.openServerSocketChannel(family) }

/** @throws NoSuchFamilyException if the loop's provider has no such sockets. */
internal fun EventLoop.openDatagramChannel(family: ProtocolFamily): DatagramChannel = open(family) { it.openDatagramChannel(family) }

internal fun EventLoop.openPipe(): Pipe = selectorProvider.openPipe()

private inline fun <C> EventLoop.open(
    family: ProtocolFamily,
    open: (SelectorProvider) -> C,
): C {
    val provider = selectorProvider
    try {
        return open(provider)
    } catch (e: UnsupportedOperationException) {
        val isDefault = provider === SelectorProvider.provider()
        val message =
            if (isDefault) {
                "This machine has no sockets of family $family"
            } else {
                "$provider has no sockets of family $family: make the loop with a SelectorProvider that has"
            }
        throw NoSuchFamilyException(message).apply { initCause(e) }
    }
}
