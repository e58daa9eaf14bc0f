// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import org.slf4j.event.Level
import java.util.ServiceConfigurationError
import java.util.ServiceLoader

/** Writes to the JDK's `System.Logger`, for a program that has set it up and has no provider for SLF4J. */
internal class SystemLog(
    loggerName: String,
) : LevelLogger(loggerName) {
    @Transient
    private val log = System.getLogger(loggerName)

    override fun isEnabled(level: Level): Boolean = log.isLoggable(level.inSystem)

    override fun write(
        level: Level,
        message: String?,
        exception: Throwable?,
    ) = log.log(level.inSystem, message, exception)

    private val Level.inSystem: System.Logger.Level
        get() =
            when (this) {
                Level.ERROR -> System.Logger.Level.ERROR
                Level.WARN -> System.Logger.Level.WARNING
                Level.INFO -> System.Logger.Level.INFO
                Level.DEBUG -> System.Logger.Level.DEBUG
                Level.TRACE -> System.Logger.Level.TRACE
            }

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
