// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import dev.simul.demo.gallery.at

internal val coroutines =
    Article(
        "Python modules (1): asyncio, coroutines (in Chinese)",
        null,
        "coroutines",
        listOf(
            Program(
                "send",
                "A generator is sent a value, prints it, and ends.",
                ::send,
                Send::main,
                note = "Python's program ends with the exception; these catch it, and print it.",
            ),
            Program(
                "send-too-early",
                "A generator takes values only after next has brought it to its first yield.",
                ::sendTooEarly,
                SendTooEarly::main,
                note = "What is a TypeError in Python is an IllegalArgumentException.",
            ),
            Program(
                "generator-return",
                "What a generator returns is in the StopIteration that it ends with.",
                ::generatorReturn,
                GeneratorReturn::main,
            ),
            Program(
                "yield-from-range",
                "To yield from a range is to yield each of its items in a loop.",
                ::yieldFromRange,
                YieldFromRange::main,
            ),
            Program(
                "yield-from",
                "What is sent to the outermost generator reaches the innermost, whose result comes back.",
                ::yieldFrom,
                YieldFrom::main,
            ),
            Program("one-two", "Three coroutines at once take one second.", ::oneTwo, OneTwo::main),
            Program("one-two-sync", "Three functions that block, one after the other, take three.", ::oneTwoSync, OneTwoSync::main),
            Program(
                "say-after",
                "Two coroutines, awaited one after the other, take 1 + 2 seconds.",
                ::sayAfter,
                SayAfter::main,
                at("11:42:48"),
            ),
            Program(
                "say-after-tasks",
                "Two coroutines as tasks take as long as the longer one, 2 seconds.",
                ::sayAfterTasks,
                SayAfterTasks::main,
                at("14:22:09"),
            ),
            Program(
                "task-needs-loop",
                "A task can be created only where a loop is running.",
                ::taskNeedsLoop,
                TaskNeedsLoop::main,
                note = "What is a RuntimeError in Python is an IllegalStateException.",
            ),
            Program(
                "never-awaited",
                "A coroutine that nobody awaits does nothing; debug mode reports it.",
                ::neverAwaited,
                NeverAwaited::main,
                at("14:28:28"),
                note =
                    "Python only makes a coroutine when `nested()` is called, and warns if that is never awaited. In Kotlin and in Java " +
                        "the call runs it, so that nothing can be forgotten. A call that waits is a `Coroutine` in Kotlin: debug mode " +
                        "reports one that nobody has awaited, when it is collected or when the loop closes. In Java it is a lambda, and " +
                        "nobody knows whether it was called. The lines of the stack trace are left out.",
                inAnyOrder = true,
            ),
            Program("nested-task", "A coroutine runs as a task, which is awaited.", ::nestedTask, NestedTask::main),
            Program(
                "future-from-callback",
                "A callback sets the result of a future that a coroutine awaits.",
                ::futureFromCallback,
                FutureFromCallback::main,
            ),
            Program(
                "run-closes-generators",
                "An asynchronous generator that was left open is closed at the end of run.",
                ::runClosesGenerators,
                RunClosesGenerators::main,
            ),
        ),
    )
