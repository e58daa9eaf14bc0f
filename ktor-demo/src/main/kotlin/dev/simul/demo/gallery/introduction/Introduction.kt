package dev.simul.demo.gallery.introduction

import dev.simul.demo.gallery.Article

internal val introduction =
    Article(
        "An introduction to asynchronous programming in Python, after Ruan Yifeng (in Chinese)",
        "https://www.ruanyifeng.com/blog/2019/11/python-asyncio.html",
        "introduction",
        listOf(),
    )
