// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import io.ktor.http.HttpStatusCode
import io.ktor.http.isSuccess
import java.nio.file.Path

/** What became of one flag. */
internal sealed interface Outcome {
    /** It lies in [file]. */
    data class Saved(
        val file: Path,
    ) : Outcome

    /** The server has nothing at [url]. */
    data class NotFound(
        val url: String,
    ) : Outcome

    /** The server did not hand it over, for [reason]. */
    data class Failed(
        val reason: String,
    ) : Outcome
}

/** Thrown where a flag is not to be had: [outcome] tells why. */
internal class NoFlag(
    val outcome: Outcome,
) : Exception("$outcome") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** Throws [NoFlag] if what was asked for at [url] was refused, by that [status]. */
internal fun raiseForStatus(
    status: Int,
    url: String,
) {
    val known = HttpStatusCode.fromValue(status)
    when {
        known.isSuccess() -> return
        known == HttpStatusCode.NotFound -> throw NoFlag(Outcome.NotFound(url))
        known == teapot -> throw NoFlag(Outcome.Failed("$teapot"))
        else -> throw NoFlag(Outcome.Failed("$known"))
    }
}
