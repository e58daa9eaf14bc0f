// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import org.slf4j.ILoggerFactory
import org.slf4j.IMarkerFactory
import org.slf4j.Logger
import org.slf4j.Marker
import org.slf4j.event.Level
import org.slf4j.helpers.BasicMarkerFactory
import org.slf4j.helpers.LegacyAbstractLogger
import org.slf4j.helpers.MessageFormatter
import org.slf4j.helpers.NOPMDCAdapter
import org.slf4j.spi.MDCAdapter
import org.slf4j.spi.SLF4JServiceProvider
import java.util.concurrent.CopyOnWriteArrayList

/** What the library logs while a block runs. */
object RecordedLog {
    class Entry(
        val level: Level,
        val message: String,
        val thrown: Throwable?,
    ) {
        override fun toString(): String = "$level $message"
    }

    private val recorders = CopyOnWriteArrayList<(Entry) -> Unit>()

    fun during(block: () -> Unit): List<Entry> = during({}, block)

    /** Also calls [hear] with each entry at once, in the thread that logs it. */
    fun during(
        hear: (Entry) -> Unit,
        block: () -> Unit,
    ): List<Entry> {
        val entries = CopyOnWriteArrayList<Entry>()
        val recorder: (Entry) -> Unit = {
            entries += it
            hear(it)
        }
        recorders += recorder
        try {
            block()
        } finally {
            recorders -= recorder
        }
        return entries
    }

    fun add(entry: Entry) = recorders.forEach { it(entry) }
}

/** Has SLF4J write the library's log to [RecordedLog]. */
class RecordedLogProvider : SLF4JServiceProvider {
    private val markers = BasicMarkerFactory()
    private val diagnostics = NOPMDCAdapter()
    private val loggers = ILoggerFactory { name -> RecordingLogger(name) }

    override fun getLoggerFactory(): ILoggerFactory = loggers

    override fun getMarkerFactory(): IMarkerFactory = markers

    override fun getMDCAdapter(): MDCAdapter = diagnostics

    override fun getRequestedApiVersion(): String = "2.0.99"

    override fun initialize() {}
}

private class RecordingLogger(
    loggerName: String,
) : LegacyAbstractLogger(),
    Logger {
    init {
        name = loggerName
    }

    private val isOurs = loggerName.startsWith("dev.simul")

    override fun isTraceEnabled(): Boolean = false

    override fun isDebugEnabled(): Boolean = isOurs

    override fun isInfoEnabled(): Boolean = isOurs

    override fun isWarnEnabled(): Boolean = isOurs

    override fun isErrorEnabled(): Boolean = isOurs

    override fun getFullyQualifiedCallerName(): String? = null

    override fun handleNormalizedLoggingCall(
        level: Level,
        marker: Marker?,
        messagePattern: String?,
        arguments: Array<out Any?>?,
        throwable: Throwable?,
    ) = RecordedLog.add(
        RecordedLog.Entry(level, MessageFormatter.basicArrayFormat(messagePattern, arguments), throwable),
    )

    private companion object {
        const val serialVersionUID = 1L
    }
}
