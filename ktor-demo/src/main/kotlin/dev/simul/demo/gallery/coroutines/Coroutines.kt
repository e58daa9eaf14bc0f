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
                "A generator is sent a value, and ends.",
                ::send,
                Send::main,
                note = "Python's program ends with the exception; this one catches it, and prints it.",
            ),
            Program(
                "generator-return",
                "What a generator returns is in the exception that ends it.",
                ::generatorReturn,
                GeneratorReturn::main,
            ),
            Program(
                "yield-from-range",
                "A generator that yields from a range yields what a loop over it would.",
                ::yieldFromRange,
                YieldFromRange::main,
            ),
            Program(
                "yield-from",
                "What is sent to a generator goes through to the one that it yields from, whose result comes back.",
                ::yieldFrom,
                YieldFrom::main,
            ),
            Program("one-two", "Three coroutines at once take one second.", ::oneTwo, OneTwo::main),
            Program("one-two-sync", "The same three functions, one after the other, take three.", ::oneTwoSync, OneTwoSync::main),
            Program(
                "say-after",
                "Two coroutines, awaited one after the other, take the sum of their times.",
                ::sayAfter,
                SayAfter::main,
                at("11:42:48"),
            ),
            Program(
                "say-after-tasks",
                "As tasks, they take as long as the longer one.",
                ::sayAfterTasks,
                SayAfterTasks::main,
                at("14:22:09"),
            ),
            Program(
                "task-needs-loop",
                "A task can be made only where a loop is running.",
                ::taskNeedsLoop,
                TaskNeedsLoop::main,
                note = "What is a RuntimeError in Python is an IllegalStateException.",
            ),
            Program(
                "never-awaited",
                "A call that waits to be awaited, and is not, does nothing.",
                ::neverAwaited,
                NeverAwaited::main,
                at("14:28:28"),
                note =
                    "In Kotlin and in Java a call of nested() runs it. What waits is a Coroutine; debug mode reports one that nobody " +
                        "has awaited when it is collected or the loop closes. In Java it is a lambda, and nobody knows whether it was " +
                        "called. The lines of the stack trace are left out here.",
            ),
            Program("nested-task", "A coroutine runs as a task.", ::nestedTask, NestedTask::main),
            Program(
                "future-from-callback",
                "A callback completes a future, which a coroutine awaits.",
                ::futureFromCallback,
                FutureFromCallback::main,
            ),
        ),
    )
