// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import dev.simul.AsyncContextManager
import dev.simul.Task
import dev.simul.channels.channelTo
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.sync.Barrier
import dev.simul.sync.BoundedSemaphore
import dev.simul.sync.Condition
import dev.simul.sync.Event
import dev.simul.sync.Lock
import dev.simul.sync.RateLimiter
import dev.simul.sync.Semaphore
import dev.simul.use
import dev.simul.waitFor
import io.kotest.matchers.shouldBe
import kotlin.time.Duration

/** Runs [block] while [others] run, which are cancelled when it ends, and must end then. */
private suspend fun beside(
    vararg others: suspend () -> Unit,
    block: suspend () -> Unit,
) {
    val tasks: List<Task<Unit>> = others.map { createTask(coroutine = it) }
    try {
        sleep(Duration.ZERO)
        block()
    } finally {
        tasks.forEach { it.cancel() }
    }
}

/** Locks, and whatever else tasks wait for in a queue; each must be free for the next one. */
internal fun CancelTable.sync() {
    locks()
    rates()
    conditions()
    barriers()
    queues()
    line("Event.wait") {
        val event = Event()
        beside({
            sleep(SECOND)
            event.set()
        }) { event.wait() }
    }
}

private fun CancelTable.locks() {
    suspend fun Lock.isFree() = waitFor(SECOND) { use { } }

    suspend fun Semaphore.isFree() = waitFor(SECOND) { use { } }
    line("Lock.acquire", "Acquirable.acquire", setUp = { Lock() }, check = { it.isFree() }) { lock ->
        // One has it, and another one comes after this one: its turn must come, whatever becomes of this.
        beside({ lock.use { sleep(SECOND) } }, {
            sleep(Duration.ZERO)
            lock.use { }
        }) {
            lock.acquire()
            try {
                sleep(Duration.ZERO)
            } finally {
                lock.release()
            }
        }
    }
    line("Lock.use", "Acquirable.use", setUp = { Lock() }, check = { it.isFree() }) { lock ->
        beside({ lock.use { sleep(SECOND) } }) { lock.use { sleep(Duration.ZERO) } }
    }
    line("Lock.aenter", "Lock.aexit", "Acquirable.aenter", "Acquirable.aexit", setUp = { Lock() }, check = { it.isFree() }) { lock ->
        beside({ lock.use { sleep(SECOND) } }) { (lock as AsyncContextManager<Unit>).use { sleep(Duration.ZERO) } }
    }
    line("Semaphore.acquire", setUp = { Semaphore(1) }, check = { it.isFree() }) { semaphore ->
        beside({ semaphore.use { sleep(SECOND) } }, {
            sleep(Duration.ZERO)
            semaphore.use { }
        }) {
            semaphore.acquire()
            semaphore.release()
        }
    }
    line("Semaphore.use", setUp = { BoundedSemaphore(1) }, check = { it.isFree() }) { semaphore ->
        beside({ semaphore.use { sleep(SECOND) } }) { semaphore.use { sleep(Duration.ZERO) } }
    }
    line("Semaphore.aenter", "Semaphore.aexit", setUp = { Semaphore(1) }, check = { it.isFree() }) { semaphore ->
        beside({ semaphore.use { sleep(SECOND) } }) { (semaphore as AsyncContextManager<*>).use { sleep(Duration.ZERO) } }
    }
}

private fun CancelTable.rates() {
    suspend fun RateLimiter.hasRoom() = waitFor(SECOND * 1.5) { use { } }
    line("RateLimiter.acquire", setUp = { RateLimiter(2, SECOND) }, check = { it.hasRoom() }) { limiter ->
        // Two use the window up, and another one comes after this one: its turn must come, whatever becomes of this.
        repeat(2) { limiter.acquire() }
        beside({
            sleep(Duration.ZERO)
            limiter.acquire()
        }) { limiter.acquire() }
    }
    line("RateLimiter.use", setUp = { RateLimiter(1, SECOND) }, check = { it.hasRoom() }) { limiter ->
        beside({ limiter.use { } }) { limiter.use { sleep(Duration.ZERO) } }
    }
    line("RateLimiter.aenter", "RateLimiter.aexit", setUp = { RateLimiter(1, SECOND) }, check = { it.hasRoom() }) { limiter ->
        beside({ limiter.use { } }) { (limiter as AsyncContextManager<*>).use { sleep(Duration.ZERO) } }
    }
}

private fun CancelTable.conditions() {
    line("Condition.wait", "Condition.use", setUp = { Condition() }) { condition ->
        beside({
            sleep(SECOND)
            condition.use { condition.notify(1) }
        }) { condition.use { condition.wait() } }
    }
    line("Condition.waitFor", setUp = { Condition() }) { condition ->
        var count = 0
        beside({
            repeat(3) {
                sleep(SECOND)
                condition.use {
                    count++
                    condition.notifyAll()
                }
            }
        }) { condition.use { condition.waitFor { count == 3 } } }
    }
    line("Condition.acquire", setUp = { Condition() }) { condition ->
        beside({ condition.use { sleep(SECOND) } }) {
            condition.acquire()
            condition.release()
        }
    }
    line("Condition.aenter", "Condition.aexit", setUp = { Condition() }) { condition ->
        beside({ condition.use { sleep(SECOND) } }) { (condition as AsyncContextManager<*>).use { sleep(Duration.ZERO) } }
    }
}

private fun CancelTable.barriers() {
    line("Barrier.wait") {
        val barrier = Barrier(2)
        beside({
            sleep(SECOND)
            barrier.wait()
        }) { barrier.wait() }
    }
    line("Barrier.use", "Barrier.aenter", "Barrier.aexit") {
        val barrier = Barrier(2)
        beside({
            sleep(SECOND)
            (barrier as AsyncContextManager<*>).use { }
        }) { barrier.use { sleep(Duration.ZERO) } }
    }
    line("Barrier.reset", "Barrier.abort") {
        val barrier = Barrier(3)
        beside({ runCatching { barrier.wait() } }, { runCatching { barrier.wait() } }) {
            barrier.reset()
            sleep(Duration.ZERO)
            barrier.abort()
        }
    }
}

private fun CancelTable.queues() {
    line("Queue.get", setUp = { Queue<Int>() }, check = { queue ->
        // What was put is there for somebody, and nobody waits who would take it away.
        queue.putNowait(2)
        waitFor(SECOND) { queue.get() }
    }) { queue ->
        beside({
            sleep(SECOND)
            queue.put(1)
        }) { queue.get() shouldBe 1 }
    }
    line("Queue.put", setUp = { Queue<Int>(1) }, check = { queue ->
        if (queue.full()) queue.getNowait()
        waitFor(SECOND) { queue.put(3) }
    }) { queue ->
        queue.put(1)
        beside({
            sleep(SECOND)
            queue.get()
        }) { queue.put(2) }
    }
    line("MemoryReceiveChannel.receive", setUp = { getRunningLoop().channelTo<Int>(getRunningLoop(), 2) }, check = { (sender, receiver) ->
        sender.sendNowait(2)
        waitFor(SECOND) { receiver.receive() }
    }) { (sender, receiver) ->
        beside({
            sleep(SECOND)
            sender.send(1)
        }) { receiver.receive() shouldBe 1 }
    }
    line("MemorySendChannel.send", setUp = { getRunningLoop().channelTo<Int>(getRunningLoop(), 1) }, check = { (sender, receiver) ->
        if (receiver.qsize() == 1) receiver.receiveNowait()
        waitFor(SECOND) { sender.send(3) }
    }) { (sender, receiver) ->
        sender.send(1)
        beside({
            sleep(SECOND)
            receiver.receive()
        }) { sender.send(2) }
    }
    line("MemoryReceiveChannel.collect") {
        val (sender, receiver) = getRunningLoop().channelTo<Int>(getRunningLoop(), 1)
        beside({
            sender.use {
                sleep(SECOND)
                repeat(3) { sender.send(it) }
            }
        }) { receiver.collect { sleep(SECOND) } }
    }
    line("Queue.join") {
        val queue = Queue<Int>()
        queue.put(1)
        beside({
            queue.get()
            sleep(SECOND)
            queue.taskDone()
        }) { queue.join() }
    }
}
