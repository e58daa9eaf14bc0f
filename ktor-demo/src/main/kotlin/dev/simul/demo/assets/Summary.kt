// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray

/** What became of all downloads. */
internal class Summary(
    private val downloads: List<Download>,
) {
    private val done = downloads.filter { it.outcome is Outcome.Downloaded }
    private val skipped = downloads.filter { it.outcome is Outcome.Skipped }
    private val unfinished = downloads.filter { it.outcome is Outcome.Unfinished }

    /** The downloads that failed, with their reasons. */
    val failures: List<Pair<Download, String>> =
        downloads.mapNotNull { download -> (download.outcome as? Outcome.Failed)?.let { download to it.reason } }

    /** `3 downloaded, 1 there already, 0 failed`. */
    override fun toString() = "${done.size} downloaded, ${skipped.size} there already, ${failures.size} failed"

    /** What to say when the user has had enough. */
    fun interrupted(): String {
        val complete = done.size + skipped.size
        val begun = unfinished.filter { it.file.beginning(it.asset.size) != null }
        val names = begun.joinToString { "${it.name} (${bytes(it.file.partSize)} of ${bytes(it.asset.size)})" }
        val resumed = if (begun.isEmpty()) "" else ", to be resumed: $names"
        return "Interrupted: $complete of ${downloads.size} complete$resumed. The same command goes on from here."
    }

    fun json(): JsonObject =
        buildJsonObject {
            put("downloaded", done.size)
            put("skipped", skipped.size)
            put("failed", failures.size)
            put("unfinished", unfinished.size)
            putJsonArray("assets") {
                for (download in downloads) {
                    addJsonObject {
                        put("tag", download.tag)
                        put("name", download.asset.name)
                        put("size", download.asset.size)
                        put("path", "${download.file.path}")
                        put("status", status(download.outcome))
                        (download.outcome as? Outcome.Downloaded)?.let { put("resumed_from", it.resumedFrom) }
                        (download.outcome as? Outcome.Failed)?.let { put("error", it.reason) }
                    }
                }
            }
        }

    private fun status(outcome: Outcome): String =
        when (outcome) {
            Outcome.Unfinished -> "unfinished"
            Outcome.Skipped -> "skipped"
            is Outcome.Downloaded -> "downloaded"
            is Outcome.Failed -> "failed"
        }
}
