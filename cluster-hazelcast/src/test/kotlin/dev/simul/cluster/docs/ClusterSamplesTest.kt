// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster.docs

import dev.simul.aclosing
import dev.simul.cluster.TestCluster
import dev.simul.cluster.onLoop
import dev.simul.cluster.until
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldContainKey
import io.kotest.matchers.shouldBe

class ClusterSamplesTest :
    FunSpec({
        test("a member by itself is a cluster") {
            onLoop { countEverywhere() shouldContainKey "till 1" }
        }

        test("two members share work and messages, until one leaves") {
            onLoop {
                val test = TestCluster()
                aclosing(test.join("one")) { one ->
                    val two = test.join("two")
                    val member = two.localMember
                    try {
                        primesBelow(one, 10_000) shouldBe 1_229
                        charge(one, member, 7) shouldBe "order 7 is paid"
                        watchPrices(one) shouldContainExactly listOf("tea 250", "coffee 320")
                    } finally {
                        two.aclose()
                    }
                    until { one.members.size == 1 }
                    charge(one, member, 8) shouldBe "order 8 is not paid"
                }
            }
        }
    })
