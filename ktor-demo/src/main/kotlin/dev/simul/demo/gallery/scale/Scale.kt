// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program

internal val scale =
    Article(
        "Past one core",
        null,
        "scale",
        listOf(
            Program(
                "workers",
                "A server on several loops, of which one fails and all are replaced while it serves.",
                ::workers,
                Workers::main,
                note = "[All cores](guide/scale.md#all-cores) explains it. It runs in real time, with `--fast` too.",
            ),
        ),
        "More than one thread, and what goes between them.",
        hasPython = false,
    )
