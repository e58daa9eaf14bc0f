// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import dev.simul.demo.Failure
import dev.simul.demo.LOOPBACK
import java.net.BindException

/** Says that nobody can listen at the [port] that [option] was given. */
internal fun portFailure(
    option: String,
    port: Int,
    cause: BindException,
): Failure =
    Failure(
        "cannot listen at port $port of $LOOPBACK: ${cause.reason}; end what listens there, or give another port ($option 0 finds one)",
        cause,
    )

/** Why, without where, which some say and some do not. */
private val BindException.reason: String get() = message.orEmpty().substringAfterLast(": ").replaceFirstChar { it.lowercase() }
