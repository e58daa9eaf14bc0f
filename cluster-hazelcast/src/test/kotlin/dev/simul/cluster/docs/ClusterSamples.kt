// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster.docs

import dev.simul.aclosing
import dev.simul.cluster.Cluster
import dev.simul.cluster.ClusterMember
import dev.simul.cluster.ClusterOptions
import dev.simul.cluster.MemberLostException
import dev.simul.createTask
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList

suspend fun countEverywhere(): Map<String, Long> =
    aclosing(Cluster.start("shop", listOf("127.0.0.1"), ClusterOptions(memberName = "till 1"))) { cluster ->
        val counts = cluster.runOnAll { Runtime.getRuntime().totalMemory() }
        counts.entries.associate { (member, count) -> member.name to count.result() }
    }

private fun countPrimes(
    from: Int,
    until: Int,
): Int = (maxOf(2, from) until until).count { number -> (2 until number).takeWhile { it * it <= number }.none { number % it == 0 } }

suspend fun primesBelow(
    cluster: Cluster,
    limit: Int,
): Int {
    val parts =
        (0 until limit step 1_000).map { from ->
            createTask { cluster.runInExecutor(retry = true) { countPrimes(from, from + 1_000) } }
        }
    return parts.sumOf { it.await() }
}

suspend fun charge(
    cluster: Cluster,
    member: ClusterMember,
    order: Int,
): String =
    try {
        cluster.runOnMember(member) { "order $order is paid" }
    } catch (e: MemberLostException) {
        if (e.mayHaveRun) "order $order: ask the bank, since ${e.member.name} is gone" else "order $order is not paid"
    }

suspend fun watchPrices(cluster: Cluster): List<String> {
    val prices = cluster.topic<String>("prices")
    return aclosing(prices.messages()) { messages ->
        prices.publish("tea 250")
        prices.publish("coffee 320")
        messages.take(2).toList()
    }
}
