// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import org.slf4j.ILoggerFactory
import org.slf4j.Logger
import org.slf4j.LoggerFactory
import org.slf4j.helpers.SubstituteLoggerFactory

@Volatile
private var found: Logger? = null

/** What the library logs to: SLF4J; without a provider the `System.Logger`, if that is set up; otherwise the standard error stream. */
internal val logger: Logger get() = found ?: findLogger(LoggerFactory.getILoggerFactory())?.also { found = it } ?: LastResort(NAME)

/**
 * Null while another thread initializes SLF4J, which may take long: what it gives out meanwhile stores what it is told, and may drop that, and
 * everything after it.
 */
internal fun findLogger(factory: ILoggerFactory): Logger? =
    when {
        factory is SubstituteLoggerFactory -> null
        !LastResort.isNeeded(factory) -> factory.getLogger(NAME)
        SystemLog.isSetUp() -> SystemLog(NAME)
        else -> LastResort(NAME)
    }

private const val NAME = "dev.simul"
