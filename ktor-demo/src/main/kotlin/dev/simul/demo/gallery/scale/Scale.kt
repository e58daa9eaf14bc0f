// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import kotlin.time.Duration.Companion.seconds

internal val scale =
    Article(
        "Past one core, and past one machine",
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
            Program(
                "pipeline",
                "Tasks of two loops, each in its own thread, hand work to each other and back.",
                ::pipeline,
                Pipeline::main,
                note = "[Between loops](guide/scale.md#between-loops) explains it.",
                patience = 30.seconds,
            ),
            Program(
                "cpu-work",
                "Computations in a ForkJoinPool, in batches, while the loop goes on; one that never ends is told to stop.",
                ::cpuWork,
                CpuWork::main,
                note = "[CPU work](guide/scale.md#cpu-work) explains it.",
                patience = 30.seconds,
            ),
            Program(
                "members",
                "Three members of a cluster share a thousand works, and one of them is killed.",
                ::members,
                Members::main,
                note =
                    "[A cluster](guide/scale.md#a-cluster) explains it. Two members are in this process, and the third is a JVM " +
                        "of its own, which the program starts.",
                patience = 30.seconds,
            ),
            Program(
                "durable-queue",
                "Jobs in a database are done by loops, though one is killed and some jobs fail.",
                ::durableQueue,
                DurableQueue::main,
                note =
                    "[A durable queue](guide/durable-queue.md) explains each part. The queue is a table of db-scheduler in a file of " +
                        "H2; the first worker is a process of its own. With `--fast` it takes as long, since the library's threads go " +
                        "by the machine's clock.",
            ),
        ),
        "More than one thread, more than one process, and what goes between them.",
        hasPython = false,
    )
