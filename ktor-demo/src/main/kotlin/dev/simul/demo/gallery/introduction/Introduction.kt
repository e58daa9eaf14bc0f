// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program

internal val introduction =
    Article(
        "Asynchronous programming in Python (in Chinese), after Ruan Yifeng and others",
        null,
        "introduction",
        listOf(
            Program(
                "event-callback",
                "Two coroutines wait for an event, which a callback sets.",
                ::eventCallback,
                EventCallback::main,
                note =
                    "The program makes its loop and closes it, as Python's does; `run` would do both. " +
                        "The JVM spells `true` and `false` in lower case.",
            ),
            Program("wait-for", "A task that takes longer than its limit is given up.", ::waitFor, WaitFor::main),
            Program(
                "semaphore-workers",
                "Ten workers; a semaphore lets three work at once.",
                ::semaphoreWorkers,
                SemaphoreWorkers::main,
            ),
            Program(
                "cancellable",
                "A cancelled task cleans up, and passes the cancellation on.",
                ::cancellable,
                Cancellable::main,
            ),
            Program(
                "blocking",
                "Code that blocks stops all others, and debug mode reports it; code that awaits does not.",
                ::blocking,
                Blocking::main,
                note = "Both report in debug mode; the words differ.",
            ),
            Program(
                "fetch-data",
                "gather waits for all coroutines; a task works in the background.",
                ::fetchData,
                FetchData::main,
            ),
            Program(
                "return-exceptions",
                "Failures are caught, or gathered together with the results.",
                ::returnExceptions,
                ReturnExceptions::main,
            ),
        ),
        "It begins with [one-two](#one-two) and [one-two-sync](#one-two-sync).",
    )
