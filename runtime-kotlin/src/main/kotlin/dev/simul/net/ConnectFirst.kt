// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.TimeoutException
import dev.simul.staggered.staggeredRace
import dev.simul.transports.drop
import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress

/**
 * The first connection that [connect] makes to one of [addresses], tried one after the other or as a staggered race. All others that it
 * makes are closed, by [close].
 */
internal suspend fun <C : Any> connectFirst(
    addresses: List<InetSocketAddress>,
    options: ConnectionOptions,
    close: (C) -> Unit,
    connect: suspend (InetSocketAddress) -> C,
): C {
    val delay = options.happyEyeballsDelay
    val ordered = addresses.interleaved(options.interleave ?: if (delay == null) 0 else 1)
    val failures = ArrayList<Throwable>()
    if (delay == null) {
        for (address in ordered) {
            try {
                return connect(address)
            } catch (e: IOException) {
                failures.add(e)
            }
        }
    } else {
        val race = staggeredRace(ordered.map { suspend { connect(it) } }, delay, close)
        race.result?.let { return it }
        race.exceptions.mapTo(failures) { it!! }
    }
    throw failures.asOne(options.allErrors)
}

/** The first [count] less one addresses of the first family, and then one of each family in turn. */
internal fun List<InetSocketAddress>.interleaved(count: Int): List<InetSocketAddress> {
    if (count == 0) return this
    val families = groupBy { it.address.family }.values
    val ahead = families.firstOrNull().orEmpty().take(count - 1)
    val rest = families.mapIndexed { index, family -> if (index == 0) family.drop(ahead.size) else family }
    return ahead + (0 until (rest.maxOfOrNull { it.size } ?: 0)).flatMap { turn -> rest.mapNotNull { it.getOrNull(turn) } }
}

/** The exception that stands for all failed attempts. */
private fun List<Throwable>.asOne(allErrors: Boolean): Throwable {
    firstOrNull { it !is IOException }?.let { return it }
    if (isEmpty()) return TimeoutException("createConnection failed: there was nothing to connect to")
    if (allErrors) return ExceptionGroup("createConnection failed", this)
    if (all { it.message == first().message }) return first()
    val message = "Multiple exceptions: ${joinToString { it.message.orEmpty() }}"
    val combined = if (all { it is ConnectException }) ConnectException(message) else IOException(message)
    return combined.also { forEach(it::addSuppressed) }
}
