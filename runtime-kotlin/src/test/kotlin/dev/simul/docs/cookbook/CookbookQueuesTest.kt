// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.createTask
import dev.simul.docs.printed
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.queues.Queue
import dev.simul.queues.QueueShutDown
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

class CookbookQueuesTest :
    FunSpec({
        loopTest("a pipeline stores what it has counted, in order, and ends") {
            val stored = mutableListOf<Int>()
            countWords(listOf("one", "one two", "a b c"), { it }, { stored += it })
            stored shouldContainExactly listOf(1, 2, 3)
        }

        loopTest("a stage that is slow makes those before it wait") {
            var fetched = 0
            val pipeline = createTask { countWords(List(100) { "$it" }, { it.also { fetched++ } }, { sleep(1.hours) }) }
            sleep(1.seconds)
            fetched shouldBe 1 + 10 + 1 + 10 + 1
            pipeline.cancel()
            shouldThrow<CancelledException> { pipeline.await() }
        }

        loopTest("a stage that fails ends the others") {
            val failure = shouldThrow<ExceptionGroup> { countWords(List(100) { "$it" }, { it }, { throw IOException("full") }) }
            failure.exceptions.single().message shouldBe "full"
        }

        test("workers do all jobs, and one that fails is told") {
            val lines =
                printed {
                    runTest {
                        val jobs = Queue<String>()
                        for (job in listOf("a", "bad", "b", "c")) jobs.putNowait(job)
                        val pool = createTask { work(jobs, 2) { if (it == "bad") throw IOException("refused") else sleep(1.seconds) } }
                        jobs.join()
                        getRunningLoop().time() shouldBe 2.seconds
                        jobs.shutdown()
                        pool.await()
                    }
                }
            lines shouldContainExactly listOf("bad failed: refused")
        }

        loopTest("workers that are cancelled leave the jobs that they have not begun") {
            val jobs = Queue<String>()
            for (job in listOf("a", "b", "c")) jobs.putNowait(job)
            val pool = createTask { work(jobs, 2) { sleep(1.hours) } }
            sleep(1.seconds)
            pool.cancel()
            shouldThrow<CancelledException> { pool.await() }
            jobs.qsize() shouldBe 1
        }

        loopTest("a bar tells what is done") {
            val shown = mutableListOf<String>()
            copyAll(listOf("a", "b"), { sleep(if (it == "a") 2.seconds else 1.seconds) }) { shown += it }
            shown shouldContainExactly listOf("##########.......... 1 of 2: b", "#################### 2 of 2: a")
        }

        loopTest("a copy that fails ends the progress") {
            val failure = shouldThrow<ExceptionGroup> { copyAll(listOf("a"), { throw IOException("full") }) {} }
            failure.exceptions.single().message shouldBe "full"
        }

        loopTest("each subscriber gets what is published while it listens") {
            val broadcast = Broadcast<Int>(backlog = 2)
            broadcast.publish(0)
            val listeners = List(2) { createTask { broadcast.subscribe { queue -> List(3) { queue.get() } } } }
            sleep(Duration.ZERO)
            for (message in 1..4) {
                broadcast.publish(message)
                sleep(1.seconds)
            }
            gather(listeners).await() shouldBe listOf(listOf(1, 2, 3), listOf(1, 2, 3))
        }

        loopTest("a slow subscriber is dropped, and reads what it had") {
            val broadcast = Broadcast<Int>(backlog = 2)
            broadcast.subscribe { queue ->
                for (message in 1..5) broadcast.publish(message)
                queue.get() shouldBe 1
                queue.get() shouldBe 2
                shouldThrow<QueueShutDown> { queue.get() }
            }
        }
    })
