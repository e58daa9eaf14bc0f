// SPDX-License-Identifier: Apache-2.0
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
            Program("in-order", "Two coroutines awaited one after the other run one after the other.", ::inOrder, InOrder::main),
            Program("waiter", "One coroutine alone prints, sleeps, and prints again.", ::waiter, Waiter::main),
            Program(
                "operate",
                "Two coroutines run at once; gather gives their results in the order of its arguments.",
                ::operate,
                Operate::main,
            ),
            Program(
                "aiterator-loop",
                "A loop goes through an asynchronous generator, which sleeps between its items.",
                ::aiteratorLoop,
                AiteratorLoop::main,
            ),
            Program("anext", "The items of an asynchronous generator are asked for one by one.", ::anext, Anext::main),
            Program(
                "magic-methods",
                "A class whose objects are asynchronous context managers, and asynchronous iterators.",
                ::magicMethods,
                MagicMethods::main,
            ),
            Program(
                "future-like",
                "An object of a class of your own is awaited.",
                ::futureLike,
                FutureLike::main,
                note = "In Kotlin its class implements `Awaitable`; in Java whatever is a `CompletionStage` can be awaited.",
            ),
            Program("begins-later", "A new task begins when its maker awaits, not before.", ::beginsLater, BeginsLater::main),
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
                "An exception that nobody catches cancels the other tasks, and leaves run.",
                ::uncaught,
                Uncaught::main,
            ),
            Program(
                "never-retrieved",
                "The exception of a task that nobody awaits is reported.",
                ::neverRetrieved,
                NeverRetrieved::main,
                note =
                    "Python reports it when the task is collected, which is at once, as it counts references. The JVM collects later: " +
                        "Simul reports it then, or at the latest when the loop closes, as here. " +
                        "The lines of the stack trace are left out.",
                inAnyOrder = true,
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
                note =
                    "The words of the message differ. Python warns besides that the coroutine, which was made before the refusal, was " +
                        "never awaited; here it was not made yet.",
            ),
            Program(
                "no-lock",
                "Nobody else runs between two awaits, so that a counter needs no lock; an await in between loses counts.",
                ::noLock,
                NoLock::main,
            ),
            Program(
                "cancel-at-next-await",
                "A task that is cancelled goes on to its next await, which throws.",
                ::cancelAtNextAwait,
                CancelAtNextAwait::main,
                note = "The JVM spells `true` in lower case.",
            ),
        ),
        "Its example, which downloads the assets of releases, is `./simul demo assets`; its prompt, `python -m asyncio`, is " +
            "`./simul repl`. Ctrl-C, a `KeyboardInterrupt`, can be tried on the longer programs, such as `waiter`.",
    )
