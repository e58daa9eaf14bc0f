// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.coroutine
import dev.simul.demo.gallery.run
import dev.simul.gather
import io.ktor.client.request.prepareGet

private suspend fun check(
    standIn: StandIn,
    url: String,
) {
    standIn.client().use { client ->
        client.prepareGet(url).execute { response ->
            println("$url: status -> ${response.status.value}")
        }
    }
}

internal fun websites() =
    StandIn().use { standIn ->
        run {
            val websites = listOf("https://realpython.com", "https://pycoders.com", "https://www.python.org")
            gather(websites.map { coroutine { check(standIn, it) } }).await()
        }
    }
