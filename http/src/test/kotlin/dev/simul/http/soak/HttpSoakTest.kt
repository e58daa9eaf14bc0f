// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.soak

import dev.simul.house.Leftovers
import dev.simul.house.Soak
import dev.simul.http.onLoop
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.File
import kotlin.io.path.Path
import kotlin.io.path.readSymbolicLink
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Clients and servers that are in order and out of it, for a while; nothing is left of them. */
class HttpSoakTest :
    FunSpec({
        suspend fun EventLoop.soak(plan: SoakPlan): SoakClient {
            val leftovers = Leftovers(this)
            val server = SoakServer(this, plan)
            server.start()
            val client = SoakClient(this, plan, server.ports)
            client.run()
            check(client.wrong.isEmpty()) { client.wrong.joinToString("\n", "$plan: ") }
            server.stop().shouldBeEmpty()
            check(server.reports.isEmpty()) { server.reports.joinToString("\n") }
            repeat(10) { sleep(0.milliseconds) }
            leftovers.now().shouldBeEmpty()
            client.outcomes.values.sum() shouldBe plan.requests / plan.connections * plan.connections
            client.outcomes.getValue("right") shouldBeGreaterThan plan.requests / 2
            return client
        }

        test("500 connections through the system's loopback interface") {
            val plan = SoakPlan(Random.nextLong(1_000_000), 500, Soak.of(50_000), 1.seconds)
            onLoop { soak(SoakPlan(1, 5, 10, 500.milliseconds)) } // What the first sockets load stays.
            val before = descriptors()
            onLoop { println("$plan: ${soak(plan).outcomes}") }
            descriptors() shouldBe before
        }

        if (Soak.isFull) {
            test("10,000 connections, and a million requests") {
                longSoak(10_000, 1_000_000, Random.nextLong(1_000_000)).shouldBeEmpty()
            }
        }

        test("on a network in memory, with many seeds, each of which does the same every time") {
            repeat(Soak.of(200)) { number ->
                val plan = SoakPlan(number.toLong(), 20, 1_000, 5.seconds)
                runTest(MemoryNetwork()) { getRunningLoop().soak(plan) }
            }
            val twice =
                List(2) {
                    lateinit var outcomes: Map<String, Int>
                    runTest(MemoryNetwork()) { outcomes = getRunningLoop().soak(SoakPlan(7, 20, 1_000, 5.seconds)).outcomes }
                    outcomes
                }
            twice[0] shouldBe twice[1]
        }
    })

/** How many sockets and selectors are open in this process. */
internal fun descriptors(): Int {
    val open = File("/proc/self/fd").list() ?: return 0
    return open.count { descriptor ->
        val what = runCatching { Path("/proc/self/fd/$descriptor").readSymbolicLink().toString() }.getOrDefault("gone")
        what.startsWith("socket:") || what.startsWith("anon_inode:")
    }
}
