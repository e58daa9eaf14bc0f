// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Future
import dev.simul.Task
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.gather
import dev.simul.loopTest
import dev.simul.queues.LifoQueue
import dev.simul.queues.PriorityQueue
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.sync.Barrier
import dev.simul.sync.BoundedSemaphore
import dev.simul.sync.Condition
import dev.simul.sync.Event
import dev.simul.sync.Lock
import dev.simul.sync.RateLimiter
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.turns
import dev.simul.wait
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class AwaitedNamesTest :
    FunSpec({
        /** What a task waits for that does [wait]. */
        suspend fun waitOf(wait: suspend () -> Unit): String {
            val task: Task<Unit> = createTask { wait() }
            turns()
            return formatCallGraph(task).lines()[1].removePrefix("  + waiting for ").also { task.cancel() }
        }

        loopTest("a lock by its name, and by who has acquired it last") {
            val lock = Lock("orders")
            lock.acquire()
            waitOf { lock.acquire() } shouldBe "Lock.acquire of orders, last acquired by ${currentTask()!!.name}"
            val next =
                createTask(name = "next") {
                    lock.acquire()
                    sleep(1.hours)
                }
            turns()
            lock.release()
            turns(2)
            waitOf { lock.acquire() } shouldBe "Lock.acquire of orders, last acquired by next"
            next.cancel()
            lock.toString() shouldBe "<Lock orders [locked, waiters:1]>"
            val unnamed = Lock()
            unnamed.acquire()
            waitOf { unnamed.acquire() } shouldBe "Lock.acquire of <Lock [locked, waiters:1]>, last acquired by ${currentTask()!!.name}"
        }

        loopTest("many futures by the first of them, and by how many there are") {
            fun futures() = List(1_000) { Future<Int>() }.also { it[7].setResult(7) }
            val first = List(20) { "<Future pending>" }.joinToString()
            waitOf { gather(futures()).await() } shouldBe "gather of $first and 979 more"
            waitOf { wait(futures()) } shouldBe "wait for $first and 979 more"
            waitOf { taskGroup { group -> repeat(1_000) { group.createTask(name = "t") { sleep(1.hours) } } } } shouldBe
                "the end of the task group's ${List(20) { "t" }.joinToString()} and 980 more"
        }

        loopTest("the others by their names") {
            val limiter = RateLimiter(1, 1.minutes, name = "api").apply { acquire() }
            val condition = Condition(Lock(), "stock")
            mapOf<String, suspend () -> Unit>(
                "Semaphore.acquire of slots" to { Semaphore(0, "slots").acquire() },
                "Semaphore.acquire of bound" to { BoundedSemaphore(0, "bound").acquire() },
                "Event.wait of ready" to { Event("ready").wait() },
                "Condition.wait of stock" to { condition.use { condition.wait() } },
                "Barrier.wait of start" to { Barrier(2, "start").wait() },
                "RateLimiter.acquire of api" to { limiter.acquire() },
                "Queue.get of jobs" to { Queue<Int>(0, "jobs").get() },
                "Queue.get of stack" to { LifoQueue<Int>(0, "stack").get() },
                "Queue.get of heap" to { PriorityQueue<Int>(0, name = "heap").get() },
            ).forEach { (expected, wait) -> waitOf(wait) shouldBe expected }
            Event("ready").toString() shouldBe "<Event ready [unset]>"
            Queue<Int>(0, "jobs").toString() shouldBe "<Queue jobs maxsize=0>"
            Barrier(2, "start").name shouldBe "start"
        }

        loopTest("a sleep by the time that is left") {
            val task = createTask { sleep(1.hours) }
            sleep(15.minutes + 30.seconds)
            formatCallGraph(task).lines()[1] shouldBe "  + waiting for sleep, 44m 30s left"
            task.cancel()
        }
    })
