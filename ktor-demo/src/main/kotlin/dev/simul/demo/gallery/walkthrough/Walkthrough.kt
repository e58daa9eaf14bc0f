// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program
import dev.simul.demo.gallery.at
import kotlin.time.Duration.Companion.seconds

internal val walkthrough =
    Article(
        "Python's asyncio: A Hands-On Walkthrough, by Leodanis Pozo Ramos",
        "https://realpython.com/async-io-python/",
        "walkthrough",
        listOf(
            Program(
                "chess",
                "Judit Polgár plays 24 games in 12 hours one by one, or in 1 hour walking from board to board.",
                ::chess,
                Chess::main,
                note =
                    "It always runs on virtual time. The hour ends with Judit's last move; her last opponents think on for 55 seconds.",
            ),
            Program(
                "count-sync",
                "Three calls that block, one after the other, take six seconds.",
                ::countSync,
                CountSync::main,
                note = NO_FILE,
            ),
            Program(
                "count-async",
                "Three coroutines at once take two seconds.",
                ::countAsync,
                CountAsync::main,
                note = NO_FILE,
            ),
            Program(
                "count-blocking",
                "Coroutines that block stop all others: six seconds again.",
                ::countBlocking,
                CountBlocking::main,
                note = NO_FILE,
            ),
            Program(
                "makerandom",
                "Three coroutines, each in its color, draw numbers until one is high enough.",
                ::makerandom,
                Makerandom::main,
                note = "The colors are for terminals, and left out elsewhere.",
            ),
            Program(
                "running-loop",
                "The running loop knows its state and takes callbacks; there is none before run, and no second one inside.",
                ::runningLoop,
                RunningLoop::main,
            ),
            Program(
                "hello",
                "A coroutine does nothing until it is run.",
                ::hello,
                Hello::main,
                note =
                    "Python shows the coroutine as an object with an address. In Kotlin it is a `Coroutine`, and in Java any " +
                        "`Callable` or `Action` is a coroutine that has not begun.",
            ),
            Program("two-loops", "Another thread runs a second loop.", ::twoLoops, TwoLoops::main),
            Program(
                "pluggable-loop",
                "Any loop runs a coroutine: on one with a virtual clock an hour passes at once.",
                ::pluggableLoop,
                PluggableLoop::main,
            ),
            Program(
                "chain",
                "Three chains of coroutines at once take as long as the longest: 2.68 seconds.",
                ::chain,
                Chain::main,
            ),
            Program(
                "chain-one-by-one",
                "The same chains one after the other, as without asyncio, take 7.57 seconds.",
                ::chainOneByOne,
                ChainOneByOne::main,
                note = "`getUserWithPosts` is the one of [chain](#chain).",
            ),
            Program(
                "chain-queue",
                "A producer and three consumers share a queue: 2.68 seconds as well.",
                ::chainQueue,
                ChainQueue::main,
                note = "`User` is the one of [chain](#chain).",
            ),
            Program(
                "powers-of-two",
                "An asynchronous generator in a loop, and in a comprehension.",
                ::powersOfTwo,
                PowersOfTwo::main,
                note = "What is a comprehension in Python is a filter here.",
            ),
            Program(
                "in-turn",
                "Loops over asynchronous generators are not concurrent by themselves; gathered they are.",
                ::inTurn,
                InTurn::main,
                note = "`powersOfTwo` is the one of [powers-of-two](#powers-of-two).",
            ),
            Program(
                "websites",
                "Three web sites are checked at once, each by a Ktor client that is closed after use.",
                ::websites,
                Websites::main,
                note =
                    "A server of this machine stands in for the sites. In Java a suspend function, such as Ktor's `get`, is " +
                        "awaited as a future, which [Suspending](../ktor-demo/src/main/java/dev/simul/demo/gallery/Suspending.java) makes.",
                inAnyOrder = true,
                patience = 30.seconds,
            ),
            Program(
                "closed-anyway",
                "What an asynchronous context manager opens is closed when the block fails, too.",
                ::closedAnyway,
                ClosedAnyway::main,
            ),
            Program(
                "create-task",
                "A new task has a type, and is not done before it has run.",
                ::createTask,
                CreateTask::main,
                note = "Types and methods have the names of their language.",
            ),
            Program(
                "left-behind",
                "A task that nobody awaits is cancelled when main ends.",
                ::leftBehind,
                LeftBehind::main,
            ),
            Program(
                "gather",
                "Gathered results come all together, in the order of the arguments.",
                ::gather,
                Gather::main,
                at("14:38:49"),
                note = TRUE,
            ),
            Program(
                "as-completed",
                "Results come one by one, the quickest first.",
                ::asCompleted,
                AsCompleted::main,
                at("14:36:36"),
                note = TRUE,
            ),
            Program(
                "exception-groups",
                "Three coroutines fail in three ways; each way has a handler of its own.",
                ::exceptionGroups,
                ExceptionGroups::main,
                note = "`exceptStar` is what `except*` is in Python. The exceptions are those of the JVM.",
            ),
            Program(
                "thousands",
                "Ten thousand tasks at once are no trouble.",
                ::thousands,
                Thousands::main,
                note = "In Java `sleep` by itself is a future, so that ten thousand of them need no tasks around them.",
            ),
        ),
        "Its prompt, `python -m asyncio`, is `./simul repl`; `./simul demo check` checks real web sites.",
    )

private const val NO_FILE = "Where Python prints the name of its file, this is the name of the program."

private const val TRUE = "`coro` is the one of [create-task](#create-task). The JVM spells `true` in lower case."
