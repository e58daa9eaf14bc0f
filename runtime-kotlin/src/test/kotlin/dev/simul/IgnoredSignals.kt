// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.split
import java.io.File
import java.io.IOException

/**
 * The signals that this process was started to ignore: `nohup` has it ignore HUP, and the `&` of a script INT and QUIT. Its children
 * would do so too, and tests that send them signals would wait for ever.
 */
object IgnoredSignals {
    /** Their numbers; none where the system does not tell. */
    val numbers: List<Int> = File("/proc/self/status").let { if (it.exists()) among(it.readLines()) else emptyList() }

    private val prefix: List<String>? by lazy {
        val names = numbers.joinToString(",")
        val candidates =
            listOf(
                listOf("env", "--default-signal=$names"),
                listOf("perl", "-MConfig", "-e", PERL, names),
            )
        if (numbers.isEmpty()) emptyList() else candidates.find { works(it + "true") }
    }

    /** Why no signals can be sent to children here; null if they can. */
    @JvmStatic
    val obstacle: String? get() =
        when {
            System.getProperty("os.name").startsWith("Windows") -> "Windows has no signals"
            prefix == null -> "signals $numbers are ignored since the start, and neither env nor perl changes that for children"
            else -> null
        }

    /** What runs [command] with all signals as they are for a program that is started at a terminal. */
    @JvmStatic
    fun undone(command: List<String>): List<String> = prefix.orEmpty() + command

    private fun works(command: List<String>): Boolean =
        try {
            val discard = ProcessBuilder.Redirect.DISCARD
            ProcessBuilder(command).redirectError(discard).redirectOutput(discard).start().waitFor() == 0
        } catch (_: IOException) {
            false
        }

    /** The signals that a process ignores with that [status] in `/proc`. */
    fun among(status: List<String>): List<Int> {
        val mask = status.first { it.startsWith("SigIgn:") }.substringAfter(":").trim().toULong(16)
        return (1..LAST).filter { mask shr (it - 1) and 1UL == 1UL }
    }

    private const val LAST = 31
    private const val PERL =
        "@name = split(' ', \$Config{sig_name}); \$SIG{\$name[\$_]} = 'DEFAULT' for split(',', shift); exec { \$ARGV[0] } @ARGV or exit 127"
}
