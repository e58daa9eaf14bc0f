package dev.simul.demo.gallery.coroutines

import dev.simul.demo.gallery.Article

internal val coroutines =
    Article(
        "Python modules (1): asyncio, coroutines (in Chinese)",
        null,
        "coroutines",
        listOf(),
    )
