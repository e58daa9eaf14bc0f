// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import com.hazelcast.core.HazelcastInstance
import com.hazelcast.core.HazelcastInstanceAware
import dev.simul.aclosing
import dev.simul.cluster.Cluster
import dev.simul.cluster.ClusterOptions
import dev.simul.cluster.ClusterWork
import dev.simul.cluster.MemberLostException
import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.toThread
import java.util.concurrent.CountDownLatch

/** Three members, of which the third is killed in the end. */
private suspend fun go(
    ada: Cluster,
    grace: LocalMember,
) {
    val everywhere = ada.runOnAll { 6 * 7 }
    println(everywhere.map { (member, answer) -> "${member.name} says ${answer.result()}" }.sorted())

    var done = 0
    val squares =
        (1..1_000).map { number ->
            createTask {
                val square = ada.runInExecutor(retry = true) { number * number }
                if (++done == 300) grace.kill()
                square
            }
        }
    println("The sum of 1000 squares is ${gather(*squares.toTypedArray()).await().sum()}, and ${ada.members.map { it.name }} are left")
}

/** Another member leaves while it works. */
private suspend fun lose(
    alan: Cluster,
    ada: Cluster,
) {
    val member = alan.localMember
    val begun = CountDownLatch(1)
    alan.hazelcast.userContext["begun"] = begun
    val work = createTask { ada.runOnMember(member, Slow()) }
    toThread { begun.await() }
    alan.aclose()
    try {
        work.await()
    } catch (e: MemberLostException) {
        println("${e.member.name} is lost, and its work ${if (e.mayHaveRun) "may have been done" else "was not begun"}")
    }
}

/** Tells its member that it has begun. */
private class Slow :
    ClusterWork<Unit>,
    HazelcastInstanceAware {
    @Transient
    private var hazelcast: HazelcastInstance? = null

    override fun setHazelcastInstance(instance: HazelcastInstance) {
        hazelcast = instance
    }

    override fun call() {
        (hazelcast!!.userContext["begun"] as CountDownLatch).countDown()
        Thread.sleep(60_000)
    }
}

internal fun members() =
    run {
        val name = "gallery-${ProcessHandle.current().pid()}"
        aclosing(Cluster.start(name, options = ClusterOptions(memberName = "Ada"))) { ada ->
            val seeds = listOf("127.0.0.1:${ada.localMember.address.port}")
            aclosing(Cluster.start(name, seeds, ClusterOptions(memberName = "Alan"))) { alan ->
                aclosing(ada.membershipChanges()) { changes ->
                    LocalMember.start(name, seeds, "Grace").use { grace ->
                        changes.anext().let { println("${it.member.name} has ${it.kind.name.lowercase()}") }
                        go(ada, grace)
                    }
                    changes.anext().let { println("${it.member.name} has ${it.kind.name.lowercase()}") }
                }
                lose(alan, ada)
            }
        }
    }
