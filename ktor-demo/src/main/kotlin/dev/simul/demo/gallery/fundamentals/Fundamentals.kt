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
            Program("waiter", "A coroutine that sleeps, alone.", ::waiter, Waiter::main),
            Program(
                "operate-tasks",
                "Two tasks, awaited one after the other, take as long as the longer one.",
                ::operateTasks,
                OperateTasks::main,
                at("17:12:56"),
            ),
        ),
    )
