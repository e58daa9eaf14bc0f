// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import org.slf4j.ILoggerFactory
import org.slf4j.LoggerFactory
import org.slf4j.event.Level
import org.slf4j.helpers.NOPLoggerFactory
import org.slf4j.spi.SLF4JServiceProvider
import java.util.ServiceConfigurationError
import java.util.ServiceLoader

/**
 * Writes warnings and errors to `System.err`, where SLF4J would drop them since it has found no provider.
 *
 * Source: `logging.lastResort`.
 */
internal class LastResort(
    loggerName: String,
) : LevelLogger(loggerName) {
    override fun isEnabled(level: Level): Boolean = level == Level.WARN || level == Level.ERROR

    override fun write(
        level: Level,
        message: String?,
        exception: Throwable?,
    ) = System.err.println(if (exception == null) message else "$message\n${exception.stackTraceToString().trimEnd()}")

    companion object {
        /** Whether SLF4J drops everything because it has found no provider; `slf4j-nop` is one, and drops on purpose. */
        fun isNeeded(factory: ILoggerFactory): Boolean = factory is NOPLoggerFactory && !isProviderNamed() && !isProviderThere()

        private fun isProviderNamed() = System.getProperty(LoggerFactory.PROVIDER_PROPERTY_KEY) != null

        /** SLF4J has looked in the same place, and has said what is wrong with a provider that cannot be loaded. */
        private fun isProviderThere(): Boolean {
            val providers = ServiceLoader.load(SLF4JServiceProvider::class.java, LoggerFactory::class.java.classLoader)
            return try {
                providers.iterator().hasNext()
            } catch (_: ServiceConfigurationError) {
                false
            }
        }
    }
}
