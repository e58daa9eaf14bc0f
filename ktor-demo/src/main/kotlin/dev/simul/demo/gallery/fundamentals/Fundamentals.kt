package dev.simul.demo.gallery.fundamentals

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import dev.simul.demo.gallery.at

internal val fundamentals =
    Article(
        "Python Asynchronous Programming Fundamentals, by John T. Wodder II",
        "https://jwodder.github.io/kbits/posts/pyasync-fundam/",
        "fundamentals",
        listOf(
            Program("in-order", "Two coroutines, awaited one after the other, run one after the other.", ::inOrder, InOrder::main),
            Program("waiter", "A coroutine that sleeps, alone.", ::waiter, Waiter::main),
            Program(
                "operate",
                "Two coroutines run at once, and their results come in the order of the arguments.",
                ::operate,
                Operate::main,
            ),
            Program(
                "aiterator-loop",
                "A loop goes through an asynchronous generator, which sleeps between its items.",
                ::aiteratorLoop,
                AiteratorLoop::main,
            ),
            Program("anext", "The items of an asynchronous generator can be asked for one by one.", ::anext, Anext::main),
            Program(
                "magic-methods",
                "A class of one's own is entered and left, and gone through, while its methods await.",
                ::magicMethods,
                MagicMethods::main,
            ),
            Program(
                "future-like",
                "An object of a class of one's own is awaited.",
                ::futureLike,
                FutureLike::main,
                note = "In Kotlin it implements Awaitable; in Java anything that is a CompletionStage can be awaited.",
            ),
            Program("begins-later", "A task that was made begins when its maker awaits, not before.", ::beginsLater, BeginsLater::main),
            Program(
                "operate-tasks",
                "Two tasks, awaited one after the other, take as long as the longer one.",
                ::operateTasks,
                OperateTasks::main,
                at("17:12:56"),
            ),
            Program(
                "done-callback",
                "A callback tells how a task in the background has ended.",
                ::doneCallback,
                DoneCallback::main,
                at("17:16:33"),
            ),
            Program(
                "uncaught",
                "What a coroutine throws leaves run, after the tasks that are left were cancelled.",
                ::uncaught,
                Uncaught::main,
            ),
            Program(
                "never-retrieved",
                "The failure of a task that nobody awaits is reported.",
                ::neverRetrieved,
                NeverRetrieved::main,
                note =
                    "Python reports when the task is collected; Simul then too, and otherwise when the loop closes. " +
                        "The lines of the stack trace are left out here.",
            ),
            Program("to-thread", "A call that blocks waits in a thread, while the loop goes on.", ::toThread, ToThread::main),
            Program(
                "loops-in-threads",
                "Each of two threads runs a loop of its own.",
                ::loopsInThreads,
                LoopsInThreads::main,
                inAnyOrder = true,
            ),
            Program(
                "nested-run",
                "A function that calls run works outside a loop, and is refused inside one.",
                ::nestedRun,
                NestedRun::main,
                note = "The messages differ; Python also warns that the coroutine, which had been made by then, was never awaited.",
            ),
            Program(
                "cancel-at-next-await",
                "A cancelled task goes on to its next await, which throws.",
                ::cancelAtNextAwait,
                CancelAtNextAwait::main,
                note = "The JVM spells true in lower case.",
            ),
        ),
    )
