// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.Future
import dev.simul.exceptions.BaseExceptionGroup
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.InvalidStateException
import dev.simul.exceptions.isCancellation
import dev.simul.streams.IncompleteReadException
import dev.simul.streams.LimitOverrunException
import dev.simul.sync.BrokenBarrierException
import java.math.BigDecimal
import java.math.MathContext
import java.util.concurrent.TimeoutException
import java.util.zip.CRC32
import kotlin.math.abs

/** A value as a trace shows it. */
fun show(value: Any?): String =
    when (value) {
        is Throwable -> show(value)
        is Result<*> -> show(value.exceptionOrNull() ?: value.getOrNull())
        is ByteArray -> showBytes(value)
        is List<*> -> value.joinToString(prefix = "[", postfix = "]", transform = ::show)
        else -> text(value)
    }

/** Bytes in ASCII; of many, their beginning, end, number and checksum. */
private fun showBytes(bytes: ByteArray): String =
    if (bytes.size > MOST_BYTES) {
        val (head, tail) = listOf(bytes.take(ENDS), bytes.takeLast(ENDS)).map { showBytes(it.toByteArray()) }
        "$head..$tail ${bytes.size} bytes %08x".format(CRC32().also { it.update(bytes) }.value)
    } else {
        '"' + bytes.decodeToString().replace("\n", "\\n").replace("\r", "\\r") + '"'
    }

/** An exception as a trace shows it: by the name of the Python exception that it stands for. */
fun show(exception: Throwable): String =
    when {
        exception.isCancellation -> "CancelledError(${exception.message.orEmpty()})"
        exception is Boom -> "Boom(${text(exception.value)})"
        exception is ExceptionGroup -> "ExceptionGroup" + show(exception.exceptions)
        exception is BaseExceptionGroup -> "BaseExceptionGroup" + show(exception.exceptions)
        exception is TimeoutException -> "TimeoutError"
        exception is InvalidStateException -> "InvalidStateError"
        exception is BrokenBarrierException -> "BrokenBarrierError"
        exception is TypeError -> "TypeError"
        exception is IncompleteReadException -> "IncompleteReadError(${show(exception.partial)}, ${text(exception.expected)})"
        exception is LimitOverrunException -> "LimitOverrunError(${exception.consumed})"
        exception is IllegalArgumentException -> "ValueError"
        exception is IllegalStateException && exception.javaClass == IllegalStateException::class.java -> "RuntimeError"
        else -> exception.javaClass.simpleName
    }

/** The state of a future as a trace shows it. */
internal fun state(future: Future<*>): String {
    if (!future.done()) return "pending"
    val exception =
        try {
            future.exception()
        } catch (cancellation: Throwable) {
            if (!future.cancelled()) throw cancellation
            return show(cancellation)
        }
    return if (exception == null) "returned " + show(future.result()) else "raised " + show(exception)
}

/** A JSON scalar as Python's `str` shows it. */
fun text(value: Any?): String =
    when (value) {
        null -> "None"
        true -> "True"
        false -> "False"
        is Double -> repr(value)
        else -> value.toString()
    }

/** A number of seconds as a trace shows it: without decimals if it is whole. */
fun number(seconds: Double): String {
    val exact = BigDecimal(seconds)
    val isWhole = exact.remainder(BigDecimal.ONE).signum() == 0
    return if (isWhole) exact.toBigInteger().toString() else repr(seconds)
}

/** The shortest decimal that reads back as [value], written as Python's `repr` does. */
internal fun repr(value: Double): String {
    val shortest =
        (1..MOST_DIGITS).firstNotNullOf { digits ->
            BigDecimal(value).round(MathContext(digits)).takeIf { it.toDouble() == value }
        }
    if (shortest.signum() == 0) return "0.0"
    val digits = "${shortest.unscaledValue().abs()}".trimEnd('0')
    val exponent = shortest.precision() - shortest.scale() - 1
    if (exponent in LEAST_PLAIN_EXPONENT..MOST_PLAIN_EXPONENT) {
        return shortest.stripTrailingZeros().toPlainString().let { if ('.' in it) it else "$it.0" }
    }
    val sign = if (value < 0) "-" else ""
    val mantissa = if (digits.length == 1) digits else "${digits[0]}.${digits.drop(1)}"
    return "$sign${mantissa}e${if (exponent < 0) '-' else '+'}${abs(exponent).toString().padStart(2, '0')}"
}

private const val MOST_BYTES = 40
private const val ENDS = 8
private const val MOST_DIGITS = 17
private const val LEAST_PLAIN_EXPONENT = -4
private const val MOST_PLAIN_EXPONENT = 15
