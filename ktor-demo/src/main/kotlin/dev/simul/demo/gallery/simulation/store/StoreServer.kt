// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import dev.simul.http.HttpConnector
import dev.simul.http.HttpRoute
import dev.simul.http.ResponseHead
import dev.simul.http.ServerExchange
import dev.simul.http.createHttpServer
import dev.simul.loop.getRunningLoop
import dev.simul.taskGroup
import java.nio.ByteBuffer
import kotlin.time.Duration

/**
 * A server of the store: it talks to its peers and to clients by HTTP, until it is cancelled.
 *
 * @param routes how to reach each server of the group, itself included.
 */
internal class StoreServer(
    private val name: String,
    private val routes: Map<String, HttpRoute>,
    private val disk: Disk,
    private val story: Story,
    private val bug: Bug? = null,
) {
    suspend fun serve(address: String): Unit =
        HttpConnector().use { connector ->
            taskGroup { tasks ->
                val peers = routes.keys - name
                val node = RaftNode(name, peers.toList(), disk, Messenger(connector, routes), story, tasks, bug)
                val server = getRunningLoop().createHttpServer(address, routes.getValue(name).port) { answer(node, it) }
                try {
                    node.election.watch()
                } finally {
                    server.shutdown(grace = Duration.ZERO)
                }
            }
        }

    private suspend fun answer(
        node: RaftNode,
        exchange: ServerExchange,
    ) {
        val text = exchange.body.read().decodeToString()
        val answer =
            when (exchange.request.target) {
                "/vote" -> Answer(OK, node.election.answer(VoteRequest.parse(text)).text)
                "/append" -> Answer(OK, node.replication.answer(AppendRequest.parse(text)).text)
                "/command" -> execute(node, Command.parse(text))
                else -> Answer(NOT_FOUND, "")
            }
        exchange.respond(ResponseHead(answer.status), ByteBuffer.wrap(answer.text.encodeToByteArray()))
    }

    /** The result, or who might know it. */
    private suspend fun execute(
        node: RaftNode,
        command: Command,
    ): Answer {
        val result = node.execute(command) ?: return Answer(UNAVAILABLE, node.leader.orEmpty())
        return Answer(OK, result)
    }

    private companion object {
        const val OK = 200
        const val NOT_FOUND = 404
        const val UNAVAILABLE = 503
    }
}
