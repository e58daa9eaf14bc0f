// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.cluster

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import kotlin.time.Duration.Companion.seconds

internal val clusters =
    Article(
        "Clusters",
        null,
        "cluster",
        listOf(
            Program(
                "members",
                "Three members share a thousand works, and one of them is killed.",
                ::members,
                Members::main,
                note =
                    "[A cluster](guide/scale.md#a-cluster) explains it. Two members are in this process, and the third is a JVM " +
                        "of its own, which the program starts.",
                patience = 30.seconds,
            ),
        ),
        "Several processes do one work, by an embedded Hazelcast.",
        hasPython = false,
    )
