// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.AsyncCloseable
import kotlin.time.Duration

/** Where flags are downloaded from. */
internal interface FlagSite : AsyncCloseable {
    /** How long all its answers have taken it, one after the other; null if it does not tell. */
    val answeringTime: Duration? get() = null

    /**
     * Makes sure that it can be asked, and returns what its URLs begin with: the French flag is at `<base>/fr/fr.png`, what is
     * known of its country at `<base>/fr/metadata.json`.
     *
     * @throws dev.simul.demo.Failure if nobody is there.
     */
    suspend fun open(): String
}

/** Which [FlagSite] is asked. */
internal enum class SiteKind {
    /** Answers quickly. */
    LOCAL,

    /** Takes its time. */
    DELAY,

    /** Cannot answer a quarter of all requests. */
    ERROR,

    /** Somebody else's. */
    REMOTE,
}
