// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.logger
import java.io.IOException
import java.net.UnixDomainSocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributes

/** A Unix domain listener, which removes its socket from the file system when it closes. */
internal class UnixListener(
    channel: ServerSocketChannel,
) : Listener(channel) {
    private val path = (address as UnixDomainSocketAddress).path
    private val file = path.fileKey()

    override fun close() {
        super.close()
        try {
            if (file != null && path.fileKey() == file) Files.delete(path)
        } catch (e: IOException) {
            logger.error("Unable to unlink UNIX socket {} when closing the server", path, e)
        }
    }

    /** Distinguishes this file from others that have had its name; null if there is none. */
    private fun Path.fileKey(): Any? =
        try {
            Files.readAttributes(this, BasicFileAttributes::class.java).fileKey()
        } catch (_: IOException) {
            null
        }
}
