// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.aclosing
import dev.simul.allTasks
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.TimeoutException
import dev.simul.run
import dev.simul.sleep
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.job
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Ktor's client in tasks: its requests suspend in code that has never heard of them. */
class KtorBridgeTest :
    FunSpec({
        test("a cancel that is swallowed inside a request reaches none of the awaits that follow") {
            withSilentServer { client, server ->
                repeat(100) {
                    val events = mutableListOf<String>()
                    val task =
                        createTask {
                            try {
                                client.get(server.silent)
                            } catch (_: CancellationException) {
                                events += "swallowed"
                            }
                            events += client.get(server.hello).bodyAsText()
                            sleep(100.microseconds)
                            events += client.get(server.hello).bodyAsText()
                        }
                    server.silentRequest()
                    task.cancel()
                    task.await()
                    events shouldBe listOf("swallowed", "hello", "hello")
                    task.cancelling() shouldBe 1
                    task.cancelled() shouldBe false
                }
            }
        }

        test("a cancel is delivered once, whenever it comes") {
            withSilentServer { client, server ->
                repeat(100) { round ->
                    val events = mutableListOf<String>()
                    val task =
                        createTask(eagerStart = true) {
                            try {
                                repeat(3) { client.get(server.hello).bodyAsText() }
                                client.get(server.silent)
                            } catch (_: CancellationException) {
                                events += "swallowed"
                            }
                            sleep(100.microseconds)
                            events += client.get(server.hello).bodyAsText()
                        }
                    sleep(100.microseconds * round)
                    task.cancel()
                    task.await()
                    events shouldBe listOf("swallowed", "hello")
                }
            }
        }

        test("a cancel that nobody catches ends the task") {
            withSilentServer { client, server ->
                repeat(100) {
                    val task = createTask { client.get(server.silent) }
                    server.silentRequest()
                    task.cancel("enough")
                    shouldThrow<CancellationException> { task.await() }.message shouldBe "enough"
                    task.cancelled() shouldBe true
                }
            }
        }

        test("a request that takes too long is a TimeoutException, and the task goes on") {
            withSilentServer { client, server ->
                repeat(100) {
                    shouldThrow<TimeoutException> { timeout(5.milliseconds) { client.get(server.silent) } }
                    client.get(server.hello).bodyAsText() shouldBe "hello"
                    currentTask()!!.cancelling() shouldBe 0
                }
            }
        }
    })

/** Runs [block] as a task, and sees to it that it leaves neither tasks behind nor anything inside the client. */
private fun withSilentServer(block: suspend (HttpClient, SilentServer) -> Unit) =
    run {
        aclosing(SilentServer()) { server ->
            server.start()
            webClient(connections = 10).use { client ->
                client.get(server.hello)
                val before = client.unfinished()
                block(client, server)
                allTasks() shouldBe setOf(currentTask())
                timeout(60.seconds) { while (client.unfinished() > before) sleep(1.milliseconds) }
            }
        }
    }

/** How many requests and connections the client and its engine have not finished with. */
private fun HttpClient.unfinished(): Int = coroutineContext.job.children.count() + engine.coroutineContext.job.children.count()
