package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.Article

internal val walkthrough =
    Article(
        "Python's asyncio: A Hands-On Walkthrough, by Leodanis Pozo Ramos",
        "https://realpython.com/async-io-python/",
        "walkthrough",
        listOf(),
    )
