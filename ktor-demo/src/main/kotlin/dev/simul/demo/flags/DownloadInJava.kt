// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.toThread
import dev.simul.run as runLoop

/** As [downloadFlags], by [FlagsInJava], which has a loop of its own. */
internal fun downloadFlagsInJava(
    codes: List<String>,
    site: FlagSite,
    folder: FlagFolder,
    maxRequests: Int,
    tally: Tally,
    progress: Progress,
) {
    try {
        val base = runLoop { site.open().also { toThread { folder.make() } } }
        FlagsInJava.download(codes, base, folder, maxRequests, tally, progress)
    } finally {
        runLoop { site.aclose() }
    }
}
