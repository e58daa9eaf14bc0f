// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.mordant.rendering.TextStyle
import com.github.ajalt.mordant.rendering.TextStyles
import org.jline.utils.WCWidth
import java.util.Locale
import kotlin.math.max

/** Styles text, or leaves it as it is where no colors are wanted. */
internal class Palette(
    private val isColored: Boolean,
) {
    fun paint(
        style: TextStyle,
        text: String,
    ): String = if (isColored && text.isNotEmpty()) style(text) else text

    fun paint(
        style: TextStyles,
        text: String,
    ): String = paint(style.style, text)

    companion object {
        val PLAIN = Palette(false)
    }
}

/** Names come from the program: what would move a terminal's cursor is shown as an escape. */
internal fun printable(text: String): String =
    if (text.none { it.isISOControl() }) {
        text
    } else {
        text.map { if (it.isISOControl()) "\\u%04x".format(it.code) else "$it" }.joinToString("")
    }

/** How many cells of a terminal [text] takes, which has no escapes. */
internal fun widthOf(text: String): Int = text.codePoints().map { max(WCWidth.wcwidth(it), 0) }.sum()

/** The first cells of [text], with an ellipsis at the end if that is not all of it. */
internal fun fit(
    text: String,
    width: Int,
): String = if (widthOf(text) <= width) text else prefix(text, width - 1) + if (width > 0) "…" else ""

/** The last cells of [text], with an ellipsis at the beginning if that is not all of it. */
internal fun fitEnd(
    text: String,
    width: Int,
): String = if (widthOf(text) <= width) text else (if (width > 0) "…" else "") + prefix(text.reversed(), width - 1).reversed()

internal fun pad(
    text: String,
    width: Int,
): String = text + " ".repeat(max(width - widthOf(text), 0))

internal fun padStart(
    text: String,
    width: Int,
): String = " ".repeat(max(width - widthOf(text), 0)) + text

private fun prefix(
    text: String,
    width: Int,
): String {
    var cells = 0
    var end = 0
    while (end < text.length) {
        val point = text.codePointAt(end)
        cells += max(WCWidth.wcwidth(point), 0)
        if (cells > width) break
        end += Character.charCount(point)
    }
    return text.substring(0, end)
}

/** Classes without their packages, as in `Shop.order(Shop.kt:12)`. */
internal fun short(frame: String): String = frame.replace(PACKAGES, "")

/** A time in at most seven characters. */
internal fun duration(nanos: Long?): String =
    when {
        nanos == null -> "-"
        nanos < MILLI -> "%.2fms".format(Locale.ROOT, nanos / 10_000 / 100.0)
        nanos < 100 * MILLI -> "%.1fms".format(Locale.ROOT, nanos / 100_000 / 10.0)
        nanos < SECOND -> "${nanos / MILLI}ms"
        nanos < MINUTE -> "%.1fs".format(Locale.ROOT, nanos / (100 * MILLI) / 10.0)
        nanos < HOUR -> pair(nanos / MINUTE, "m", nanos % MINUTE / SECOND, "s")
        nanos < DAY -> pair(nanos / HOUR, "h", nanos % HOUR / MINUTE, "m")
        else -> pair(nanos / DAY, "d", nanos % DAY / HOUR, "h")
    }

private fun pair(
    large: Long,
    largeUnit: String,
    small: Long,
    smallUnit: String,
) = "$large$largeUnit${"$small".padStart(2, '0')}$smallUnit"

internal fun plural(
    count: Int,
    noun: String,
) = "$count $noun${if (count == 1) "" else "s"}"

private val PACKAGES = Regex("(?<![\\w.$/])(?:[a-z_][\\w]*\\.)+(?=[A-Z])")
private const val MILLI = 1_000_000L
private const val SECOND = 1_000 * MILLI
private const val MINUTE = 60 * SECOND
private const val HOUR = 60 * MINUTE
private const val DAY = 24 * HOUR
