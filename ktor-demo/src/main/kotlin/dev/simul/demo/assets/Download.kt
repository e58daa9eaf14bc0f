// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import java.nio.file.Path
import java.util.Locale

/** An asset, the file that it becomes in [folder], and how far that has come. */
internal class Download(
    val tag: String,
    val asset: Asset,
    folder: Path,
) {
    val file = AssetFile(folder.resolve(tag).resolve(asset.name))

    /** How messages call it. */
    val name = "$tag/${asset.name}"

    var outcome: Outcome = Outcome.Unfinished
}

/** What became of a download. */
internal sealed interface Outcome {
    /** It was not through when all was over. */
    data object Unfinished : Outcome

    /** The file was there already. */
    data object Skipped : Outcome

    /** The file is there now; its first [resumedFrom] bytes are from an earlier attempt. */
    data class Downloaded(
        val resumedFrom: Long,
    ) : Outcome

    /** The server did not hand it over, for [reason]. */
    data class Failed(
        val reason: String,
    ) : Outcome
}

/** A number of bytes as people say it: `3.1 MB`. */
internal fun bytes(count: Long): String =
    when {
        count < 1_000 -> "$count B"
        count < 1_000_000 -> "%.1f kB".format(Locale.ROOT, count / 1e3)
        else -> "%.1f MB".format(Locale.ROOT, count / 1e6)
    }
