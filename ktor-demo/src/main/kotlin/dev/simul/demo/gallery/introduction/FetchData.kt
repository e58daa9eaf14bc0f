// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun fetchData(n: Int): Int {
    println("fetching $n")
    sleep(1.seconds)
    return n * 10
}

private suspend fun backgroundWork() {
    println("background work begins")
    sleep(2.seconds)
    println("background work ends")
}

private suspend fun otherWork() {
    println("other work begins")
    sleep(1.seconds)
    println("other work ends")
}

internal fun fetchData() =
    run {
        val results = gather({ fetchData(1) }, { fetchData(2) }, { fetchData(3) }).await()
        println("fetched $results")

        val task = createTask { backgroundWork() }
        otherWork()
        task.await()
    }
