// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.aclosing
import dev.simul.testing.CancelOptions
import dev.simul.testing.checkCancelSafe
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import com.hazelcast.core.Hazelcast

/** Wherever the task that has a cluster is cancelled, nothing is left: no member, thread or task. */
class ClusterCancelTest :
    FunSpec({
        val options = CancelOptions(virtualTime = false)

        afterTest { untilNoneIsLeft() }

        test("works: anywhere, by key, at a member, at all") {
            checkCancelSafe(options) {
                aclosing(TestCluster().join("alone")) { cluster ->
                    cluster.runInExecutor { 1 }
                    cluster.runOnKeyOwner("key") { 2 }
                    cluster.runOnMember(cluster.localMember) { 3 }
                    cluster.runOnAll { 4 }
                }
            }
        }

        test("topics, and joins and leaves") {
            checkCancelSafe(options) {
                aclosing(TestCluster().join("alone")) { cluster ->
                    for (topic in listOf(cluster.topic<String>("a topic"), cluster.reliableTopic("a reliable one"))) {
                        aclosing(topic.messages()) { messages ->
                            topic.publish("a message")
                            messages.anext()
                        }
                    }
                    aclosing(cluster.membershipChanges()) { }
                }
            }
        }
    })

/** A member that was cancelled while it joined leaves by itself, soon. */
private fun untilNoneIsLeft() {
    val end = System.nanoTime() + 30_000_000_000
    while (Hazelcast.getAllHazelcastInstances().isNotEmpty() && System.nanoTime() < end) Thread.sleep(10)
    Hazelcast.getAllHazelcastInstances().shouldBeEmpty()
}
