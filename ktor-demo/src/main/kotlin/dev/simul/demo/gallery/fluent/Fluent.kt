// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import dev.simul.demo.gallery.at
import kotlin.time.Duration.Companion.seconds

internal val fluent =
    Article(
        "Notes in Chinese on chapter 21 of Fluent Python, by Luciano Ramalho",
        null,
        "fluent",
        listOf(
            Program(
                "domains",
                "Many names are looked up at once, and told as the answers come.",
                ::domains,
                Domains::main,
                note = NAMES,
            ),
            Program(
                "probe-times",
                "Many look-ups at once take as long as the slowest one.",
                ::probeTimes,
                ProbeTimes::main,
                note = "`probe` is the one of [multi-probe](#multi-probe).",
            ),
            Program(
                "as-completed-error",
                "What a coroutine throws is thrown where its result is awaited.",
                ::asCompletedError,
                AsCompletedError::main,
            ),
            Program(
                "task-unawaited",
                "A task runs by itself, though nobody awaits it.",
                ::taskUnawaited,
                TaskUnawaited::main,
                at("02:55:01.602654"),
                "On virtual time only sleeping takes time: the microseconds that Python needs are missing.",
            ),
            Program("task-awaited", "A task is awaited, and gives its result.", ::taskAwaited, TaskAwaited::main),
            Program(
                "other-coro",
                "A coroutine that is awaited runs at once, before a task that was created earlier.",
                ::otherCoro,
                OtherCoro::main,
            ),
            Program(
                "awaitables",
                "Coroutines, tasks, futures and objects that say how can be awaited.",
                ::awaitables,
                Awaitables::main,
                note = "In Kotlin such an object is an `Awaitable`, in Java a `CompletionStage`.",
            ),
            Program(
                "download",
                "Twenty flags are downloaded at once.",
                ::download,
                Download::main,
                note =
                    "The order is that of the answers, another one in each run, and virtual time does not count them. A server on this " +
                        "machine stands in for the one that Python's program asked; it has PNG, not GIF. The same with a progress bar, " +
                        "errors and limits is `./simul demo flags`.",
                inAnyOrder = true,
                patience = 30.seconds,
            ),
            Program(
                "transaction",
                "A transaction of a database, by hand and as a context manager (R2DBC, H2).",
                ::transaction,
                Transaction::main,
                patience = 30.seconds,
            ),
            Program(
                "context-manager",
                "An asynchronous context manager around a block that does not await.",
                ::contextManager,
                ContextManager::main,
            ),
            Program(
                "blocking-context-manager",
                "An ordinary context manager around a block that awaits.",
                ::blockingContextManager,
                BlockingContextManager::main,
            ),
            Program(
                "semaphores",
                "A semaphore lets two in at a time; a bounded one refuses to be released too often.",
                ::semaphores,
                Semaphores::main,
                note = "The message says more than Python's.",
            ),
            Program("executor", "What blocks or computes goes to other threads, and the loop goes on.", ::executor, Executor::main),
            Program(
                "cursor",
                "A loop over the rows that a database finds (R2DBC, H2).",
                ::cursor,
                Cursor::main,
                note = "In Python a row is a tuple.",
                patience = 30.seconds,
            ),
            Program(
                "async-iterator",
                "An asynchronous iterator, written as a class and as a generator.",
                ::asyncIterator,
                AsyncIterator::main,
            ),
            Program(
                "rise-and-shine",
                "A sleep can have a result.",
                ::riseAndShine,
                RiseAndShine::main,
                note = "The article does it at an asynchronous prompt, which is `./simul repl` here.",
            ),
            Program(
                "multi-probe",
                "An asynchronous generator of answers; names that are not found are indented.",
                ::multiProbe,
                MultiProbe::main,
                note = NAMES,
            ),
            Program("web-page", "An asynchronous context manager, written as a generator.", ::webPage, WebPage::main),
            Program(
                "aclosing",
                "A generator that is left early: aclosing closes it at once, otherwise the program must.",
                ::aclosing,
                Aclosing::main,
            ),
            Program(
                "comprehensions",
                "Asynchronous comprehensions: a generator expression, a dictionary and a set.",
                ::comprehensions,
                Comprehensions::main,
                note =
                    "`probe` and `multiProbe` are those of [multi-probe](#multi-probe). Maps and sets look as the JVM writes them, and " +
                        "keep their order; a set of Python does not.",
            ),
            Program(
                "list-comprehensions",
                "A comprehension awaits one coroutine after the other; gather awaits all at once.",
                ::listComprehensions,
                ListComprehensions::main,
            ),
        ),
        "The book, in its second edition, is at <https://www.fluentpython.com/>. The rest of the chapter is `./simul demo flags`, the " +
            "flags with errors, limits and countries; `./simul demo mojifinder`, the servers for the web and for TCP; and " +
            "`./simul repl`, the prompt.",
    )

private const val NAMES =
    "No network is asked: the answers and the time they take are made up, for Python's program as well."
