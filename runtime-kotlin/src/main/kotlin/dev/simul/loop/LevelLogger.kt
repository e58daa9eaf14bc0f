// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import org.slf4j.Marker
import org.slf4j.event.Level
import org.slf4j.helpers.LegacyAbstractLogger
import org.slf4j.helpers.MessageFormatter

/** A logger of SLF4J that writes elsewhere by itself, since there is no provider. */
internal abstract class LevelLogger(
    loggerName: String,
) : LegacyAbstractLogger() {
    init {
        name = loggerName
    }

    abstract fun isEnabled(level: Level): Boolean

    abstract fun write(
        level: Level,
        message: String?,
        exception: Throwable?,
    )

    final override fun handleNormalizedLoggingCall(
        level: Level,
        marker: Marker?,
        messagePattern: String?,
        arguments: Array<out Any?>?,
        throwable: Throwable?,
    ) = write(level, MessageFormatter.basicArrayFormat(messagePattern, arguments), throwable)

    final override fun getFullyQualifiedCallerName(): String? = null

    final override fun isErrorEnabled(): Boolean = isEnabled(Level.ERROR)

    final override fun isWarnEnabled(): Boolean = isEnabled(Level.WARN)

    final override fun isInfoEnabled(): Boolean = isEnabled(Level.INFO)

    final override fun isDebugEnabled(): Boolean = isEnabled(Level.DEBUG)

    final override fun isTraceEnabled(): Boolean = isEnabled(Level.TRACE)
}
