// SPDX-License-Identifier: Apache-2.0
package links

import com.sun.net.httpserver.HttpServer
import dev.simul.runLoop
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class LinksTest {
    private val server =
        HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
            createContext("/here") { it.sendResponseHeaders(200, -1) }
            createContext("/silent") { }
            start()
        }

    private fun page(path: String) = URI("http://127.0.0.1:${server.address.port}$path")

    @AfterEach
    fun stop() = server.stop(0)

    @Test
    fun `pages that are there are told from those that are not`() =
        runLoop {
            val pages = listOf(page("/here"), page("/gone"), page("/here"))
            val expected = pages.zip(listOf(200, 404, 200)) { page, status -> "$page $status" }
            assertEquals(expected, LinkCheck(patience = 30.seconds, limit = 2).check(pages))
        }

    @Test
    fun `a page that never answers holds nobody up for long`() =
        runLoop {
            val silent = page("/silent")
            assertEquals(listOf("$silent no answer"), LinkCheck(patience = 50.milliseconds).check(listOf(silent)))
        }
}
