// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.demo.Failure
import dev.simul.demo.PATIENCE
import dev.simul.demo.webAddress
import dev.simul.demo.whyUnanswered
import dev.simul.streams.openConnection
import dev.simul.timeout
import kotlinx.coroutines.CancellationException
import java.net.URI
import kotlin.time.Duration

/**
 * A web server of somebody else.
 *
 * @param base what its URLs begin with.
 * @param patience how long it may take to connect to it.
 */
internal class RemoteSite(
    private val base: String,
    private val patience: Duration = PATIENCE,
) : FlagSite {
    override suspend fun open(): String {
        val address =
            webAddress(base) ?: throw Failure("--base-url '$base' is no URL of a web server: give one such as http://localhost:8000/flags")
        try {
            timeout(patience) { knock(address) }
        } catch (e: CancellationException) {
            throw e
        } catch (e: Exception) {
            throw Failure("cannot reach --base-url '$base': ${whyUnanswered(e)}; start its server, or give another", e)
        }
        return base.trimEnd('/')
    }

    private suspend fun knock(address: URI) {
        val standard = if (address.scheme.lowercase() == "https") 443 else 80
        val port = if (address.port < 0) standard else address.port
        openConnection(address.host.removeSurrounding("[", "]"), port).writer.close()
    }

    override suspend fun aclose() = Unit
}
