// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.getRunningLoop
import dev.simul.turns
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith

class ThreadNamesTest :
    FunSpec({
        for (carrier in carriersHere) {
            test("threads of bodies that wait, and of the one that runs, bear the names of their tasks, on the carrier $carrier") {
                onVirtualTime(carrier) {
                    val loop = getRunningLoop()
                    val gate = loop.createFuture<Unit>()
                    var first: Thread? = null
                    val waiting =
                        createTask(
                            bodyOf {
                                first = Thread.currentThread()
                                awaitInBody(gate)
                            },
                            name = "first",
                        )
                    turns()
                    nameThreadsOfBodies(loop)
                    first!!.name shouldMatch Regex("simul-body(-\\d+)? first")
                    waiting.name = "renamed"
                    nameThreadsOfBodies(loop)
                    first.name shouldMatch Regex("simul-body(-\\d+)? renamed")
                    createTask(
                        bodyOf {
                            nameThreadsOfBodies(loop)
                            Thread.currentThread().name shouldEndWith " second"
                        },
                        name = "second",
                    ).await()
                    gate.setResult(Unit)
                    waiting.await()
                }
            }

            test("a thread that the program has named keeps that name, on the carrier $carrier") {
                onVirtualTime(carrier) {
                    val loop = getRunningLoop()
                    val gate = loop.createFuture<Unit>()
                    var own: Thread? = null
                    val waiting =
                        createTask(
                            bodyOf {
                                own = Thread.currentThread().also { it.name = "mine" }
                                awaitInBody(gate)
                            },
                        )
                    turns()
                    nameThreadsOfBodies(loop)
                    own!!.name shouldBe "mine"
                    gate.setResult(Unit)
                    waiting.await()
                }
            }
        }

        test("a pool's thread has its own name back in the next body") {
            val names = ArrayList<String>()
            repeat(100) {
                onVirtualTime(Carrier.PLATFORM) {
                    val loop = getRunningLoop()
                    createTask(
                        bodyOf {
                            names += Thread.currentThread().name
                            nameThreadsOfBodies(loop)
                            Thread.currentThread().name shouldStartWith "simul-body-"
                            Thread.currentThread().name shouldEndWith " named"
                        },
                        name = "named",
                    ).await()
                }
            }
            names.forEach { it shouldMatch Regex("simul-body-\\d+") }
        }
    })
