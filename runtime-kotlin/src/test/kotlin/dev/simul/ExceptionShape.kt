// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.BaseExceptionGroup
import java.io.IOException

/** An exception that stands for Python's `ValueError(number)`. */
internal fun value(number: Int) = IllegalArgumentException("$number")

/** An exception that stands for Python's `TypeError(number)`. */
internal fun type(number: Int) = ClassCastException("$number")

/** An exception that stands for Python's `OSError(number)`. */
internal fun io(number: Int) = IOException("$number")

/** What an exception is, in two words. */
internal val Throwable.label: String
    get() =
        when (this) {
            is IllegalArgumentException -> "value $message"
            is ClassCastException -> "type $message"
            is IOException -> "io $message"
            else -> "${this::class.simpleName} $message"
        }

/** The members of a group: a label for each exception, a list for each group. */
internal val BaseExceptionGroup.shape: List<Any>
    get() = exceptions.map { if (it is BaseExceptionGroup) it.shape else it.label }
