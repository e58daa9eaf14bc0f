// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.queue

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program

internal val queues =
    Article(
        "A queue that outlives its workers",
        null,
        "queue",
        listOf(
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
        "Jobs that are done at least once, whatever happens to those who do them.",
        hasPython = false,
    )
