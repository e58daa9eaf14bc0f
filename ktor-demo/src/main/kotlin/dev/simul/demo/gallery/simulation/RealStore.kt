// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import dev.simul.TaskGroup
import dev.simul.demo.gallery.simulation.store.Disk
import dev.simul.demo.gallery.simulation.store.Operation
import dev.simul.demo.gallery.simulation.store.StoreServer
import dev.simul.demo.gallery.simulation.store.Story
import dev.simul.http.HttpRoute
import dev.simul.loop.getRunningLoop
import dev.simul.run
import dev.simul.simulation.histories.History
import dev.simul.sleep
import dev.simul.taskGroup
import dev.simul.wait
import java.net.ServerSocket
import kotlin.time.Duration.Companion.milliseconds

/** The same servers and clients on this machine's network and clock. The leader is stopped for a while. */
internal fun realStore() =
    run {
        val loop = getRunningLoop()
        val begin = loop.time()
        val story = Story({ loop.time() - begin }) {}
        val history = History<Operation, String>({ loop.time() - begin })
        val routes = storeServers.associateWith { HttpRoute("127.0.0.1", freePort()) }
        val disks = storeServers.associateWith { Disk() }
        taskGroup { tasks ->
            val servers = storeServers.associateWithTo(HashMap()) { tasks.serve(it, routes, disks, story) }
            val clients = storeClients.map { name -> tasks.createTask { useStore(name, routes, history, story) } }
            sleep(500.milliseconds)
            val leader = story.leader ?: storeServers.first()
            story.tell(leader, "stops")
            servers.getValue(leader).cancel()
            wait(listOf(servers.getValue(leader)))
            sleep(300.milliseconds)
            story.tell(leader, "starts again")
            servers[leader] = tasks.serve(leader, routes, disks, story)
            clients.forEach { it.await() }
            servers.values.forEach { it.cancel() }
        }
        judge(history, story)
        println(story)
    }

private fun TaskGroup.serve(
    name: String,
    routes: Map<String, HttpRoute>,
    disks: Map<String, Disk>,
    story: Story,
) = createTask { StoreServer(name, routes, disks.getValue(name), story).serve("127.0.0.1") }

private fun freePort() = ServerSocket(0).use { it.localPort }
