package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.Article

internal val fluent =
    Article(
        "Fluent Python, second edition, chapter 21: Asynchronous Programming, by Luciano Ramalho",
        "https://www.fluentpython.com/",
        "fluent",
        listOf(),
    )
