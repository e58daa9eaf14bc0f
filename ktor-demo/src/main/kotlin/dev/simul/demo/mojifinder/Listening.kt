package dev.simul.demo.mojifinder

import dev.simul.demo.Failure
import java.net.BindException

/** Where the servers listen: nobody but this machine can reach them. */
internal const val HOST = "127.0.0.1"

/** Says that nobody can listen at the [port] that [option] was given. */
internal fun portFailure(
    option: String,
    port: Int,
    cause: BindException,
): Failure =
    Failure(
        "cannot listen at port $port of $HOST: ${cause.reason}; end what listens there, or give another port ($option 0 finds one)",
        cause,
    )

/** Why, without where, which some say and some do not. */
private val BindException.reason: String get() = message.orEmpty().substringAfterLast(": ").replaceFirstChar { it.lowercase() }
