// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import java.time.ZonedDateTime
import java.util.Locale
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * A program of an article, in Kotlin and in Java.
 *
 * Both lie in the package of their [Article], in files that have the program's name: `say-after` in `SayAfter.kt` and `SayAfter.java`.
 *
 * @property name what `simul demo` calls it.
 * @property summary what it shows, in a sentence.
 * @property note what is worth saying beside it, such as what differs from Python.
 * @property inAnyOrder whether what it prints comes in the order in which servers happen to answer, threads to run or garbage to be
 *   collected.
 * @property patience how long virtual time waits for threads that it knows nothing about, such as Ktor's.
 * @property needs the server that it starts, if it needs one.
 * @property command the command that runs it, if it has options of its own.
 * @property startsAt the time in the article's transcript, if that shows one; on virtual time the program starts then.
 */
internal class Program(
    val name: String,
    val summary: String,
    private val kotlin: () -> Unit,
    private val java: (Array<String>) -> Unit,
    private val startsAt: ZonedDateTime = NINE_O_CLOCK,
    val note: String? = null,
    val inAnyOrder: Boolean = false,
    private val patience: Duration = 1.seconds,
    val needs: NeededServer? = null,
    val command: (Program) -> ProgramCommand = ::ProgramCommand,
) {
    /** Whether all that it needs is installed. */
    val canRun: Boolean get() = needs?.isInstalled != false

    /** The name of its files. */
    val file: String = name.split("-").joinToString("") { word -> word.replaceFirstChar { it.uppercase() } }

    /** Runs it, in Java if [inJava], without waiting if [fast], and maybe [inColor]. What it throws is thrown on. */
    fun perform(
        inJava: Boolean,
        fast: Boolean,
        inColor: Boolean = false,
    ) {
        val locale = Locale.getDefault(Locale.Category.FORMAT)
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT) // Python's numbers have points everywhere.
        try {
            Colors.use(inColor) {
                Stage.perform(fast, startsAt, patience) { if (inJava) java(emptyArray()) else kotlin() }
            }
        } finally {
            Locale.setDefault(Locale.Category.FORMAT, locale)
        }
    }
}

/** Some day at [time], as in `17:12:56`, to start a program at. */
internal fun at(time: String): ZonedDateTime = ZonedDateTime.parse("2025-12-13T${time}Z")

private val NINE_O_CLOCK = at("09:00:00")
