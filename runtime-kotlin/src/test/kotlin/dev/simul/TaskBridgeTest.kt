// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.job
import java.io.IOException
import kotlin.coroutines.coroutineContext
import kotlin.time.Duration
import dev.simul.run as runLoop

class TaskBridgeTest :
    FunSpec({
        test("a cancel that foreign code answers with a failure is delivered by that, once") {
            runLoop {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        try {
                            failingWhenCancelled().await()
                        } catch (e: IOException) {
                            events += "failed: ${e.message}"
                        }
                        sleep(Duration.ZERO)
                        events += "went on"
                    }
                sleep(Duration.ZERO)
                task.cancel("enough")
                task.await()
                events shouldBe listOf("failed: cut off", "went on")
            }
        }

        test("a task that ends with the failure by which foreign code answers its cancel is cancelled") {
            runLoop {
                val task = createTask { failingWhenCancelled().await() }
                sleep(Duration.ZERO)
                task.cancel("enough")
                val cancellation = shouldThrow<CancelledException> { task.await() }
                cancellation.message shouldBe "enough"
                cancellation.suppressed.single().shouldBeInstanceOf<IOException>()
            }
        }

        test("a timeout is a TimeoutException even if foreign code answers its cancel with a failure") {
            runLoop {
                shouldThrow<TimeoutException> { timeout(Duration.ZERO) { failingWhenCancelled().await() } }
                currentTask()!!.cancelling() shouldBe 0
            }
        }

        test("a task that ends with the TimeoutException of such a timeout has failed") {
            runLoop {
                val task = createTask { timeout(Duration.ZERO) { failingWhenCancelled().await() } }
                shouldThrow<TimeoutException> { task.await() }
                task.cancelled() shouldBe false
            }
        }

        test("a failure that answered a request which was taken back is a failure") {
            runLoop {
                val task =
                    createTask {
                        try {
                            failingWhenCancelled().await()
                        } finally {
                            currentTask()!!.uncancel()
                        }
                    }
                sleep(Duration.ZERO)
                task.cancel()
                shouldThrow<IOException> { task.await() }.message shouldBe "cut off"
            }
        }

        test("a request that is made after an answer is another one") {
            runLoop {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        try {
                            failingWhenCancelled().await()
                        } catch (e: IOException) {
                            events += "failed: ${e.message}"
                            currentTask()!!.cancel("again")
                        }
                        try {
                            sleep(Duration.ZERO)
                        } catch (e: CancelledException) {
                            events += "cancelled: ${e.message}"
                            throw e
                        }
                    }
                sleep(Duration.ZERO)
                task.cancel("enough")
                shouldThrow<CancelledException> { task.await() }
                events shouldBe listOf("failed: cut off", "cancelled: again")
            }
        }
    })

/** Work as Ktor's requests are: a coroutine below the task's job, which answers a cancel with an error of its own. */
private suspend fun failingWhenCancelled(): Deferred<Nothing> =
    CoroutineScope(SupervisorJob(coroutineContext.job) + Dispatchers.Unconfined).async {
        try {
            awaitCancellation()
        } finally {
            throw IOException("cut off")
        }
    }
