// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.aclosing
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.waitFor
import java.net.InetAddress
import java.net.ServerSocket
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

private val clusters = AtomicInteger()

/** A cluster of a test's own: nobody else knows its name, and its members look for each other at one port. */
internal class TestCluster {
    val name = "test-${ProcessHandle.current().pid()}-${clusters.incrementAndGet()}"
    val port = freePort()
    private val seeds = listOf("127.0.0.1:$port")

    suspend fun join(
        memberName: String,
        threads: Int = 16,
        maxPending: Int = 256,
        heartbeatTimeout: Duration = 60.seconds,
    ): Cluster {
        val isFirst = isFirst.also { isFirst = false }
        val options =
            ClusterOptions(
                port = if (isFirst) port else freePort(),
                memberName = memberName,
                threads = threads,
                maxPending = maxPending,
                heartbeatTimeout = heartbeatTimeout,
            )
        return Cluster.start(name, seeds, options)
    }

    private var isFirst = true
}

internal fun freePort(): Int = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }

/** Runs [body] on a loop with real members, for a minute at most. */
internal fun onLoop(body: suspend () -> Unit) {
    runLoop {
        waitFor(60.seconds) { body() }
    }
}

/** [body] with a member of its own that is alone. */
internal fun alone(
    threads: Int = 16,
    maxPending: Int = 256,
    body: suspend (Cluster) -> Unit,
) = onLoop { aclosing(TestCluster().join("alone", threads, maxPending)) { body(it) } }

/** [body] with two members in this process. */
internal fun inPair(body: suspend (Cluster, Cluster) -> Unit) =
    onLoop {
        val cluster = TestCluster()
        aclosing(cluster.join("one")) { one -> aclosing(cluster.join("two")) { two -> body(one, two) } }
    }

/** Waits in real time until [isReached]. */
internal suspend fun until(isReached: () -> Boolean) {
    val start = getRunningLoop().time()
    while (!isReached()) {
        check(getRunningLoop().time() - start < 30.seconds) { "not reached" }
        sleep(5.milliseconds)
    }
}
