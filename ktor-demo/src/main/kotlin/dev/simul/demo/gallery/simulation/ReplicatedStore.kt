// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import dev.simul.demo.gallery.simulation.store.Bug
import dev.simul.demo.gallery.simulation.store.Disk
import dev.simul.demo.gallery.simulation.store.Faults
import dev.simul.demo.gallery.simulation.store.KeyValueModel
import dev.simul.demo.gallery.simulation.store.Messenger
import dev.simul.demo.gallery.simulation.store.Operation
import dev.simul.demo.gallery.simulation.store.StoreClient
import dev.simul.demo.gallery.simulation.store.StoreFailure
import dev.simul.demo.gallery.simulation.store.StoreServer
import dev.simul.demo.gallery.simulation.store.Story
import dev.simul.demo.gallery.simulation.store.Verb
import dev.simul.exceptions.TimeoutException
import dev.simul.http.HttpConnector
import dev.simul.http.HttpRoute
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Host
import dev.simul.simulation.Latency
import dev.simul.simulation.Simulation
import dev.simul.simulation.histories.History
import dev.simul.simulation.histories.Verdict
import dev.simul.simulation.simulate
import dev.simul.sleep
import dev.simul.timeout
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

internal val storeServers = listOf("n1", "n2", "n3")
internal val storeClients = listOf("ada", "bob", "cy")

/** Three servers and three clients, while servers crash and cables are pulled. */
internal suspend fun Simulation.replicatedStore(bug: Bug? = null): Story {
    val story = Story({ now }, ::log)
    val history = History<Operation, String>({ now })
    val routes = storeServers.associateWith { HttpRoute(it, 8000) }
    network.conditions.latency = Latency(1.milliseconds, 30.milliseconds)
    val servers =
        storeServers.map { name ->
            val disk = Disk() // What is outside of its main outlives a crash.
            host(name) { StoreServer(name, routes, disk, story, bug).serve("0.0.0.0") }
        }
    val clients = storeClients.map { name -> host(name) { useStore(name, routes, history, story) } }
    always("each term has one leader") { hasNoRivals(story) }
    Faults(network, servers, clients, story).happen()
    awaitEnd(clients, story)
    judge(history, story)
    return story
}

private fun hasNoRivals(story: Story): Boolean = throw StoreFailure(story.rivals ?: return true, story)

/** What a client does: this and that with two keys, and a note of each result. */
internal suspend fun useStore(
    name: String,
    routes: Map<String, HttpRoute>,
    history: History<Operation, String>,
    story: Story,
) = HttpConnector().use { connector ->
    val client = StoreClient(name, storeServers, Messenger(connector, routes), story)
    val random = getRunningLoop().random
    for (number in 1..random.nextInt(9)) {
        sleep(random.nextInt(150).milliseconds)
        val verb = Verb.entries[random.nextInt(3)]
        val operation = Operation(verb, listOf("x", "y")[random.nextInt(2)], if (verb == Verb.GET) "" else "${name.first()}$number")
        val result = history.record(name, operation) { client.execute(operation) }
        story.tell(name, "$operation: ${result.ifEmpty { "nothing" }}")
    }
}

/** When all faults are over, it must not take long. */
private suspend fun awaitEnd(
    clients: List<Host>,
    story: Story,
) = try {
    timeout(1.minutes) { clients.forEach { it.join() } }
} catch (_: TimeoutException) {
    throw StoreFailure("A minute after the last fault, clients still wait for the store", story)
}

/** Whether the store was as good as a single server that never fails. */
internal fun judge(
    history: History<Operation, String>,
    story: Story,
) {
    val verdict = history.check(KeyValueModel)
    if (verdict != Verdict.Linearizable) throw StoreFailure("$verdict", story)
    story.tell("main", "operations: ${history.calls.size}, terms with a leader: ${story.terms}. $verdict")
}

internal fun replicatedStore() {
    val isGiven = System.getenv("SIMUL_SEED") != null || System.getProperty("simul.seed") != null
    println(simulate(seed = if (isGiven) null else 7) { replicatedStore() })
}
