// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import com.github.ajalt.mordant.rendering.TextColors.green
import com.github.ajalt.mordant.rendering.TextColors.red
import com.github.ajalt.mordant.rendering.TextColors.yellow
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject
import kotlin.time.Duration
import kotlin.time.DurationUnit

/** How many flags have come to what, in a line. */
internal fun Report.line(): String {
    val saved = green("${saved.size} saved")
    val notFound = notFound.size.let { if (it == 0) "$it not found" else yellow("$it not found") }
    val failed = failed.size.let { if (it == 0) "$it failed" else red("$it failed") }
    return "$saved, $notFound, $failed in ${time.inSeconds(decimals = 2)}"
}

/** What there is to say besides. */
internal fun Report.details(folder: FlagFolder): List<String> =
    buildList {
        if (outcomes.isNotEmpty()) add("One at a time, that would have taken ${requestTime.inSeconds(decimals = 1)}.")
        if (notFound.isNotEmpty()) add("not found: ${some(notFound)}")
        for ((reason, codes) in reasons) add("$reason: ${some(codes)}")
        if (saved.isNotEmpty()) add("They are in ${folder.path}")
    }

/** All this for scripts. */
internal fun Report.toJson(
    folder: FlagFolder,
    interrupted: Boolean,
): JsonObject =
    buildJsonObject {
        put("saved", saved.size)
        put("not_found", notFound.size)
        put("failed", failed.size)
        putJsonObject("codes") {
            for ((outcome, codes) in listOf("saved" to saved, "not_found" to notFound, "failed" to failed)) {
                putJsonArray(outcome) { codes.forEach { add(it) } }
            }
        }
        putJsonObject("reasons") {
            for ((reason, codes) in reasons) putJsonArray(reason) { codes.forEach { add(it) } }
        }
        put("interrupted", interrupted)
        put("seconds", time.toDouble(DurationUnit.SECONDS))
        put("sequential_seconds", requestTime.toDouble(DurationUnit.SECONDS))
        put("folder", if (saved.isEmpty()) null else "${folder.path}")
    }

private fun Duration.inSeconds(decimals: Int): String = toString(DurationUnit.SECONDS, decimals)

/** No more codes than people read. */
private fun some(codes: List<String>): String {
    val rest = codes.size - MOST
    return codes.take(MOST).joinToString() + if (rest > 0) " and $rest more" else ""
}

private const val MOST = 30
