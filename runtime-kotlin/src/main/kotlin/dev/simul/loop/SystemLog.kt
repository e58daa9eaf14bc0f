// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import org.slf4j.Marker
import org.slf4j.event.Level
import org.slf4j.helpers.LegacyAbstractLogger
import org.slf4j.helpers.MessageFormatter
import java.util.ServiceConfigurationError
import java.util.ServiceLoader

/** Writes to the JDK's `System.Logger`, for a program that has set it up and has no provider for SLF4J. */
internal class SystemLog(
    loggerName: String,
) : LegacyAbstractLogger() {
    @Transient
    private val log = System.getLogger(loggerName)

    init {
        name = loggerName
    }

    override fun handleNormalizedLoggingCall(
        level: Level,
        marker: Marker?,
        messagePattern: String?,
        arguments: Array<out Any?>?,
        throwable: Throwable?,
    ) = log.log(level.inSystem, MessageFormatter.basicArrayFormat(messagePattern, arguments), throwable)

    private val Level.inSystem: System.Logger.Level
        get() =
            when (this) {
                Level.ERROR -> System.Logger.Level.ERROR
                Level.WARN -> System.Logger.Level.WARNING
                Level.INFO -> System.Logger.Level.INFO
                Level.DEBUG -> System.Logger.Level.DEBUG
                Level.TRACE -> System.Logger.Level.TRACE
            }

    override fun getFullyQualifiedCallerName(): String? = null

    override fun isErrorEnabled(): Boolean = log.isLoggable(System.Logger.Level.ERROR)

    override fun isWarnEnabled(): Boolean = log.isLoggable(System.Logger.Level.WARNING)

    override fun isInfoEnabled(): Boolean = log.isLoggable(System.Logger.Level.INFO)

    override fun isDebugEnabled(): Boolean = log.isLoggable(System.Logger.Level.DEBUG)

    override fun isTraceEnabled(): Boolean = log.isLoggable(System.Logger.Level.TRACE)

    companion object {
        private val PROPERTIES = listOf("java.util.logging.config.file", "java.util.logging.config.class")

        /** Whether somebody has chosen what the JDK logs to: a finder of loggers, or a configuration of `java.util.logging`. */
        fun isSetUp(): Boolean = PROPERTIES.any { System.getProperty(it) != null } || isFinderThere()

        private fun isFinderThere(): Boolean =
            try {
                ServiceLoader.load(System.LoggerFinder::class.java, ClassLoader.getSystemClassLoader()).iterator().hasNext()
            } catch (_: ServiceConfigurationError) {
                false
            }
    }
}
