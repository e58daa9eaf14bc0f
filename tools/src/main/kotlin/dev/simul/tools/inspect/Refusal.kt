// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.clikt.core.CliktError

/** Says in one line why there is nothing to show, and what helps. */
internal class Refusal(
    val why: Why,
    message: String,
    cause: Exception? = null,
) : CliktError(message, cause, why.status) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** Why a process cannot be looked into, each with an exit status of its own. */
internal enum class Why(
    val status: Int,
) {
    FAILED(1),
    GONE(3),
    NOT_YOURS(4),
    NOT_ATTACHABLE(5),
    NO_AGENT(6),
    NO_LOOP(7),
}
