// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs

import dev.simul.docs.cookbook.Broadcast
import dev.simul.exceptions.TimeoutException
import dev.simul.ktor.client.Simul
import dev.simul.queues.Queue
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import io.ktor.client.HttpClient
import io.ktor.client.plugins.websocket.WebSockets
import io.ktor.client.plugins.websocket.webSocket
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import io.ktor.server.application.Application
import io.ktor.server.application.install
import io.ktor.server.routing.routing
import io.ktor.server.websocket.webSocket
import io.ktor.websocket.Frame
import io.ktor.websocket.readText
import io.ktor.websocket.send
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.io.IOException
import java.net.URI
import kotlin.time.Duration.Companion.seconds
import io.ktor.server.websocket.WebSockets as ServerWebSockets

// The cookbook's blocks about WebSockets and about a crawl; CookbookWebTest runs them, the runtime's DocsTest compares.

fun Application.chatRoom() {
    val room = Broadcast<String>(backlog = 100)
    install(ServerWebSockets)
    routing {
        webSocket("/chat") {
            room.subscribe { messages ->
                coroutineScope {
                    val sending = launch { while (true) send(messages.get()) }
                    for (frame in incoming) if (frame is Frame.Text) room.publish(frame.readText())
                    sending.cancel()
                }
            }
        }
    }
}

suspend fun chat(
    url: String,
    outgoing: Queue<String>,
    receive: (String) -> Unit,
) {
    HttpClient(Simul) { install(WebSockets) }.use { client ->
        client.webSocket(url) {
            taskGroup { group ->
                val sending = group.createTask { while (true) send(outgoing.get()) }
                for (frame in incoming) if (frame is Frame.Text) receive(frame.readText())
                sending.cancel()
            }
        }
    }
}

suspend fun crawl(
    client: HttpClient,
    start: URI,
    depth: Int,
    maxPages: Int,
): Map<URI, String> {
    val hosts = HashMap<String, Semaphore>()
    val pages = LinkedHashMap<URI, String>()
    val seen = hashSetOf(start)
    var level = listOf(start)
    repeat(depth + 1) {
        taskGroup { group ->
            for (uri in level) {
                val host = hosts.getOrPut(uri.authority) { Semaphore(2) }
                group.createTask { host.use { pages[uri] = fetchOrEmpty(client, uri) } }
            }
        }
        level = level.flatMap { links(it, pages.getValue(it)) }.filter { seen.size < maxPages && seen.add(it) }
    }
    return pages
}

suspend fun fetchOrEmpty(
    client: HttpClient,
    uri: URI,
): String =
    try {
        timeout(10.seconds) { client.get(uri.toString()).bodyAsText() }
    } catch (_: IOException) {
        ""
    } catch (_: TimeoutException) {
        ""
    }

fun links(
    page: URI,
    text: String,
): List<URI> =
    Regex("href=\"([^\"# ]+)")
        .findAll(text)
        .mapNotNull { link -> runCatching { page.resolve(link.groupValues[1]) }.getOrNull() }
        .filter { it.host != null && (it.scheme == "http" || it.scheme == "https") }
        .toList()
