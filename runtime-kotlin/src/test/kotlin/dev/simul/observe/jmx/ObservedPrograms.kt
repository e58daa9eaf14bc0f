// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.createTask
import dev.simul.gather
import dev.simul.loop.OpenLoops
import dev.simul.loop.getRunningLoop
import dev.simul.observe.Observer
import dev.simul.sleep
import dev.simul.sync.Lock
import dev.simul.toThread
import java.lang.management.ManagementFactory
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import javax.management.MBeanServerDelegate
import javax.management.MBeanServerFactory
import javax.management.MBeanServerNotification
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

/** The programs that tests look into from another process: each says "ready", and ends with its input. */
fun main(arguments: Array<String>) = programs.getValue(arguments.single())()

private fun say(line: String) = println(line)

/** Blocks until the input ends. */
private fun readToEnd() {
    System.`in`.readAllBytes()
}

/** Opened when the input ends. */
private fun gateOfInput(): CountDownLatch {
    val gate = CountDownLatch(1)
    thread(isDaemon = true) {
        readToEnd()
        gate.countDown()
    }
    return gate
}

private suspend fun acquireTwice(lock: Lock) {
    lock.acquire()
    lock.acquire()
    lock.release()
}

private suspend fun waitUntilCancelled() {
    sleep(1.hours)
    say("never")
}

private fun parked() {
    runLoop {
        val sleeper = createTask(name = "sleeper") { waitUntilCancelled() }
        val locker = createTask(name = "locker") { acquireTwice(Lock()) }
        createTask(name = "gatherer") { gather(sleeper, locker).await() }
        say("ready")
        toThread { readToEnd() }
    }
    say("ended")
}

/** Has a task hold the loop by [hold], which ends with the input. */
private fun held(hold: (CountDownLatch) -> Unit) {
    val gate = gateOfInput()
    runLoop {
        createTask(name = "sleeper") { waitUntilCancelled() }
        createTask(name = "holder") {
            sleep(1.milliseconds)
            say("ready")
            hold(gate)
        }.await()
    }
    say("ended")
}

private fun spin(gate: CountDownLatch) {
    while (gate.count > 0) Thread.onSpinWait()
}

private fun isRegistered() = ManagementFactory.getPlatformMBeanServer().isRegistered(Outside.LOOPS)

/** Waits until all loops have been idle for long; by then it has shown what there was to show. */
internal fun awaitSleepOfObserver() {
    while (!Observer.isAsleep) Thread.sleep(10)
}

/** Says who registers the MBean, and when. */
private fun tellRegistration() {
    val server = ManagementFactory.getPlatformMBeanServer()
    val registeredBy = CompletableFuture<Thread>()
    server.addNotificationListener(
        MBeanServerDelegate.DELEGATE_NAME,
        { told, _ -> if ((told as MBeanServerNotification).mBeanName == Outside.LOOPS) registeredBy.complete(Thread.currentThread()) },
        null,
        null,
    )
    val begun = System.nanoTime()
    runLoop {
        say("at first: ${isRegistered()}")
        val by = toThread { registeredBy.get() }
        say("by ${by.name}, ${if (by.isDaemon) "a daemon" else "not a daemon"}")
        say("late: ${System.nanoTime() - begun >= 900_000_000}")
    }
    runLoop { say("a later loop: ${OpenLoops.all.map { it.number } == listOf(2)}") }
}

/** Loops that live long enough to be shown, with a pause between them. */
private fun comeBack() {
    repeat(2) {
        runLoop { while (!isRegistered()) sleep(10.milliseconds) }
        say("shown")
        while (isRegistered()) Thread.sleep(10)
        say("no longer")
    }
}

/** Many loops, none of which lives for long. */
private fun runManyBriefly() {
    repeat(2_000) { runLoop { sleep(0.milliseconds) } }
    say("open: ${OpenLoops.size}")
    awaitSleepOfObserver()
    say("MBean servers: ${MBeanServerFactory.findMBeanServer(null).size}")
}

/** A loop that lives long enough to be shown. */
private fun liveForLong() {
    runLoop {
        sleep(1_500.milliseconds)
        toThread { awaitSleepOfObserver() }
        say("MBean servers: ${MBeanServerFactory.findMBeanServer(null).size}")
        say("open: ${OpenLoops.all == listOf(getRunningLoop())}")
    }
}

private val programs: Map<String, () -> Unit> =
    mapOf(
        "parked" to ::parked,
        "spins" to { held(::spin) },
        "blocks" to { held { it.await() } },
        "tells registration" to ::tellRegistration,
        "comes back" to ::comeBack,
        "many" to ::runManyBriefly,
        "lives for long" to ::liveForLong,
    )
