// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.demo.randomHere
import io.ktor.http.HttpStatusCode
import kotlin.random.Random

/** What keeps a server from answering. */
internal fun interface Trouble {
    /** The status that is all a request for [file], of the country of [code], is answered with; null if there is no trouble. */
    fun with(
        code: String,
        file: String,
    ): HttpStatusCode?
}

/** Nothing does. */
internal val noTrouble = Trouble { _, _ -> null }

/** Trouble with a [share] of the requests, from 0 to 1, whichever those are: the server is a teapot, has nothing, or is overloaded. */
internal class RandomTrouble(
    private val share: Double,
    private val random: Random? = null,
) : Trouble {
    @Synchronized
    override fun with(
        code: String,
        file: String,
    ): HttpStatusCode? {
        val random = random ?: randomHere()
        return if (random.nextDouble() < share) statuses.random(random) else null
    }

    private companion object {
        val statuses = listOf(teapot, HttpStatusCode.NotFound, HttpStatusCode.ServiceUnavailable)
    }
}

/** Of a server that was asked for coffee (RFC 2324). */
internal val teapot = HttpStatusCode(418, "I'm a teapot")
