// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import dev.simul.exceptions.TimeoutException
import dev.simul.repeating.Backoff
import dev.simul.repeating.retry
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds

/** A client of the store. It asks one server after the other until one has the result; the group applies the command once all the same. */
internal class StoreClient(
    private val name: String,
    private val servers: List<String>,
    private val messenger: Messenger,
    private val story: Story,
) {
    private var server = servers.first()
    private var number = 0

    suspend fun execute(operation: Operation): String {
        val command = Command(name, ++number, operation)
        return retry(Int.MAX_VALUE, BACKOFF, { mayTryAgain(it, command) }) { attempt(command) }
    }

    private fun mayTryAgain(
        failure: Exception,
        command: Command,
    ): Boolean {
        if (failure !is IOException && failure !is TimeoutException) return false
        if (failure !is NoLeaderException) story.tell(name, "has no answer, and asks again: ${command.operation}")
        return true
    }

    private suspend fun attempt(command: Command): String {
        val asked = server
        server = servers[(servers.indexOf(asked) + 1) % servers.size]
        val answer = messenger.post(asked, "/command", command.text, PATIENCE)
        if (answer.status != OK) {
            if (answer.text in servers) server = answer.text
            throw NoLeaderException(asked)
        }
        server = asked
        return answer.text
    }

    private class NoLeaderException(
        server: String,
    ) : IOException("$server does not lead") {
        private companion object {
            private const val serialVersionUID = 1L
        }
    }

    private companion object {
        const val OK = 200
        val PATIENCE = 300.milliseconds
        val BACKOFF = Backoff.constant(40.milliseconds).jittered()
    }
}
