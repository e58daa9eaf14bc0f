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
                "Judit Polgár plays 24 opponents in 12 hours, or in one, walking from board to board; always on virtual time.",
                ::chess,
                Chess::main,
                note = "The hour ends with Judit's last move; the last opponents think on without her, for 55 seconds at most.",
            ),
            Program(
                "count-sync",
                "Three calls that block take six seconds, one after the other.",
                ::countSync,
                CountSync::main,
                note = NO_FILE,
            ),
            Program(
                "count-async",
                "Three coroutines that wait together take two seconds.",
                ::countAsync,
                CountAsync::main,
                note = NO_FILE,
            ),
            Program(
                "count-blocking",
                "A coroutine that blocks stops all others: six seconds again.",
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
                "The running loop can be asked for its state and for callbacks; there is none before, and no second one in it.",
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
                        "`Callable` is a coroutine that has not begun.",
            ),
            Program("two-loops", "A thread can have a loop of its own, besides the main one.", ::twoLoops, TwoLoops::main),
            Program(
                "pluggable-loop",
                "Coroutines do not care which loop runs them: on one with another clock, an hour passes at once.",
                ::pluggableLoop,
                PluggableLoop::main,
            ),
            Program(
                "chain",
                "Coroutines that await coroutines, three chains at a time, take as long as the longest chain: 2.68 seconds.",
                ::chain,
                Chain::main,
            ),
            Program(
                "chain-one-by-one",
                "The chains of `chain` one after the other, as a program without asyncio would run them, take 7.57 seconds.",
                ::chainOneByOne,
                ChainOneByOne::main,
            ),
            Program(
                "chain-queue",
                "A producer and its consumers share a queue, and take 2.68 seconds as well.",
                ::chainQueue,
                ChainQueue::main,
            ),
            Program(
                "powers-of-two",
                "An asynchronous generator in a loop, and in what is a comprehension in Python.",
                ::powersOfTwo,
                PowersOfTwo::main,
            ),
            Program(
                "in-turn",
                "Asynchronous iteration makes nothing concurrent; gathering two iterations does.",
                ::inTurn,
                InTurn::main,
            ),
            Program(
                "websites",
                "Three sites are asked at once by a Ktor client, each client closed after use.",
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
                "What is used asynchronously is closed when its use fails, too.",
                ::closedAnyway,
                ClosedAnyway::main,
            ),
            Program(
                "create-task",
                "A task is scheduled, and not done before it is awaited.",
                ::createTask,
                CreateTask::main,
                note = "Types and methods have each language's names.",
            ),
            Program(
                "left-behind",
                "A task that nobody awaits is cancelled when the main coroutine ends.",
                ::leftBehind,
                LeftBehind::main,
            ),
            Program(
                "gather",
                "Gathered results come when all are there, in the order of the arguments.",
                ::gather,
                Gather::main,
                at("14:38:49"),
                note = TRUE,
            ),
            Program(
                "as-completed",
                "Results as they come, the quickest first.",
                ::asCompleted,
                AsCompleted::main,
                at("14:36:36"),
                note = TRUE,
            ),
            Program(
                "exception-groups",
                "Three coroutines fail in three ways, and each failure has a handler of its own.",
                ::exceptionGroups,
                ExceptionGroups::main,
                note = "The exceptions are those of the JVM.",
            ),
            Program(
                "thousands",
                "Ten thousand tasks are no trouble.",
                ::thousands,
                Thousands::main,
                note = "In Java a call that is not awaited at once is a task; it has no body, and so needs no stack while it waits.",
            ),
        ),
    )

private const val NO_FILE = "Python prints the name of its file here."

private const val TRUE = "Python writes `True`."
