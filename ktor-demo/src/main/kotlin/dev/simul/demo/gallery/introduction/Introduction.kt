package dev.simul.demo.gallery.introduction

import dev.simul.demo.gallery.Article
import dev.simul.demo.gallery.Program

internal val introduction =
    Article(
        "An introduction to asynchronous programming in Python, after Ruan Yifeng (in Chinese)",
        "https://www.ruanyifeng.com/blog/2019/11/python-asyncio.html",
        "introduction",
        listOf(
            Program(
                "event-callback",
                "Two coroutines wait for an event that a callback sets, on a loop that the program makes and closes.",
                ::eventCallback,
                EventCallback::main,
                note = "The JVM spells true and false in lower case.",
            ),
            Program("wait-for", "What takes longer than its limit is given up.", ::waitFor, WaitFor::main),
            Program(
                "semaphore-workers",
                "Ten workers, of which a semaphore lets three work at once.",
                ::semaphoreWorkers,
                SemaphoreWorkers::main,
            ),
            Program(
                "cancellable",
                "A task that is cancelled cleans up, and passes the cancellation on to who awaits it.",
                ::cancellable,
                Cancellable::main,
            ),
            Program(
                "blocking",
                "Code that blocks keeps all others from running, and debug mode reports it; code that awaits does not.",
                ::blocking,
                Blocking::main,
                note = "Debug mode has other words for the same.",
            ),
            Program(
                "fetch-data",
                "Gathered coroutines are waited for; a task works in the background meanwhile.",
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
    )
