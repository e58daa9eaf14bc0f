package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import dev.simul.demo.gallery.at

internal val fluent =
    Article(
        "Fluent Python, second edition, chapter 21: Asynchronous Programming, by Luciano Ramalho",
        "https://www.fluentpython.com/",
        "fluent",
        listOf(
            Program(
                "domains",
                "Asks for many names at once, and tells which there are as the answers come.",
                ::domains,
                Domains::main,
                note = NAMES,
            ),
            Program(
                "probe-times",
                "Many questions at once take as long as the slowest one.",
                ::probeTimes,
                ProbeTimes::main,
            ),
            Program(
                "as-completed-error",
                "What a coroutine throws, the one that awaits it gets, when its turn has come.",
                ::asCompletedError,
                AsCompletedError::main,
            ),
            Program(
                "task-unawaited",
                "A task runs by itself, though nobody awaits it.",
                ::taskUnawaited,
                TaskUnawaited::main,
                at("02:55:01.602654"),
                "On virtual time the turns of the loop take none.",
            ),
            Program("task-awaited", "A task that is awaited gives its result.", ::taskAwaited, TaskAwaited::main),
            Program(
                "other-coro",
                "A coroutine that is awaited runs at once, before a task that was created earlier.",
                ::otherCoro,
                OtherCoro::main,
            ),
            Program(
                "awaitables",
                "What can be awaited: coroutines, tasks, futures, and objects that say how.",
                ::awaitables,
                Awaitables::main,
                note = "In Kotlin such an object is an `Awaitable`, in Java a `CompletionStage`.",
            ),
            Program(
                "download",
                "Downloads twenty flags, all at the same time.",
                ::download,
                Download::main,
                note = "A line for each, and no time, which would be another one in each run; the server is one of this machine.",
                inAnyOrder = true,
            ),
            Program("transaction", "A transaction of a database, by hand and by a context manager.", ::transaction, Transaction::main),
            Program(
                "context-manager",
                "A context manager that awaits, around a block that does not.",
                ::contextManager,
                ContextManager::main,
            ),
            Program(
                "blocking-context-manager",
                "A context manager that does not await, around a block that does.",
                ::blockingContextManager,
                BlockingContextManager::main,
            ),
            Program(
                "semaphores",
                "A semaphore lets a few in at a time, and a bounded one is never released too often.",
                ::semaphores,
                Semaphores::main,
                note = "The message tells more than Python's.",
            ),
            Program("executor", "What blocks or computes goes to other threads, and the loop goes on.", ::executor, Executor::main),
            Program(
                "cursor",
                "Goes through the rows that a database finds.",
                ::cursor,
                Cursor::main,
                note = "In Python a row is a tuple.",
            ),
            Program(
                "async-iterator",
                "An asynchronous iterator, written as a class and as a generator.",
                ::asyncIterator,
                AsyncIterator::main,
            ),
            Program(
                "rise-and-shine",
                "A sleep that has a result.",
                ::riseAndShine,
                RiseAndShine::main,
                note = "The article does it at an asynchronous prompt, which is `./simul repl` here.",
            ),
            Program(
                "multi-probe",
                "An asynchronous generator of answers; names that there are not are indented.",
                ::multiProbe,
                MultiProbe::main,
                note = NAMES,
            ),
            Program("web-page", "A context manager that is written as a generator.", ::webPage, WebPage::main),
            Program(
                "aclosing",
                "A generator that is left early is closed at the end of its block; without one, it is up to the program.",
                ::aclosing,
                Aclosing::main,
            ),
            Program(
                "comprehensions",
                "Asynchronous comprehensions: a generator expression, a dictionary and a set.",
                ::comprehensions,
                Comprehensions::main,
                note = "Dictionaries and sets are written as the JVM writes them.",
            ),
            Program(
                "list-comprehensions",
                "A comprehension awaits one coroutine after the other; gather awaits them all, and may keep what they throw.",
                ::listComprehensions,
                ListComprehensions::main,
            ),
        ),
    )

private const val NAMES = "No network is asked: the answers, and how long they take, are made up."
