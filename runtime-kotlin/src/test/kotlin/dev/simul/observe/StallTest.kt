// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Child
import dev.simul.Future
import dev.simul.Task
import dev.simul.allTasks
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.bodies.carriersHere
import dev.simul.createTask
import dev.simul.gather
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.interop.sleeping
import dev.simul.loop.EventLoop
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.observe.Stalling.Companion.TASK
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.testing.VirtualClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.time.Duration.ofMillis
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

private fun shortSleep() = sleeping(ofMillis(10), Unit)

private fun watchedLoop() = EventLoop().also { it.stallThreshold = Stalling.threshold }

private suspend fun innermost(stalling: Stalling) {
    sleep(1.milliseconds)
    stalling.hold()
}

private suspend fun middle(stalling: Stalling) {
    sleep(1.milliseconds)
    innermost(stalling)
    check(TASK.isNotEmpty())
}

private fun EventLoop.runIn(step: () -> Unit) =
    thread {
        callSoon { step() }
        callSoon { stop() }
        runForever()
    }

/** A loop whose step lasts while [block] runs, with a watchdog of its own that takes samples only when it is told to. */
private fun whileHeld(
    stallOf: (EventLoop, Task<*>?, Duration) -> Stall? = Stall::of,
    block: (WatchedLoop) -> Unit,
): List<String> {
    val loop = EventLoop()
    val isHeld = CountDownLatch(1)
    val isOver = CountDownLatch(1)
    val runner =
        loop.runIn {
            isHeld.countDown()
            isOver.await()
        }
    isHeld.await()
    while (runner.state != Thread.State.WAITING) Thread.yield()
    val watched = WatchedLoop(loop, stallOf).also { it.threshold = 100.milliseconds.inWholeNanoseconds }
    return RecordedLog
        .during {
            block(watched)
            isOver.countDown()
            runner.join()
            watched.after(25.milliseconds)
        }.map { it.message }
        .also { loop.close() }
}

private fun WatchedLoop.after(
    elapsed: Duration,
    late: Duration = Duration.ZERO,
) = sample(elapsed.inWholeNanoseconds, late.inWholeNanoseconds)

/** The next line that has [text]. */
private fun Child.lineWith(text: String): String {
    while (true) line().let { if (text in it) return it }
}

/** A loop that will never go on, as its argument says; it prints what is logged. */
internal object LockedLoop {
    private val monitor = Any()

    @JvmStatic
    fun main(args: Array<String>) {
        RecordedLog.during({ println(it.message) }) {
            runLoop(loopFactory = { watchedLoop().also { it.carrier = Carrier.valueOf(args.single()) } }) {
                val loop = getRunningLoop()
                val keeper = loop.createTask(bodyOf { keep() }, name = "keeper")
                loop.createTask(bodyOf { enter() }, name = TASK).await()
                keeper.await()
            }
        }
    }

    private fun keep() = synchronized(monitor) { awaitInBody(shortSleep()) }

    private fun enter() = synchronized(monitor) { println("entered") }
}

/** A loop whose task holds it for longer than the threshold; it prints what is logged. */
internal object SlowLoop {
    @JvmStatic
    fun main(args: Array<String>) {
        RecordedLog.during({ println(it.message) }) {
            runLoop(loopFactory = ::watchedLoop) {
                createTask(name = TASK) { Thread.sleep(20 * Stalling.threshold.inWholeMilliseconds) }.await()
                sleep(100.milliseconds)
            }
        }
        println("ended")
    }
}

/** A loop whose step lasts until the process was stopped for a while; it prints what is logged. */
internal object StoppedLoop {
    @JvmStatic
    fun main(args: Array<String>) {
        RecordedLog.during({ println(it.message) }) {
            runLoop(loopFactory = { EventLoop().also { it.stallThreshold = 1.seconds } }) {
                println("running")
                var before = System.nanoTime()
                do {
                    val now = System.nanoTime()
                    val wasStopped = now - before > 1.seconds.inWholeNanoseconds
                    before = now
                } while (!wasStopped)
                sleep(100.milliseconds)
            }
        }
        println("ended")
    }
}

class StallTest :
    FunSpec({
        context("a task that holds the loop is reported while it does, with its line and those who await it, and when it has ended") {
            test("in Kotlin") {
                val log =
                    Stalling.logOf { stalling ->
                        runLoop(loopFactory = ::watchedLoop) { createTask(name = TASK) { middle(stalling) }.await() }
                    }
                log shouldHaveSize 2
                val lines = log[0].lines()
                lines[0] shouldMatch Regex("Task 'stuck' has held its event loop for \\d+ms, in thread '.+'; no other task can continue .*")
                val stack = lines.filter { it.startsWith("  |   ") }
                val own = stack.filter { "StallTest.kt" in it || "Stalling.kt" in it }
                own[0] shouldStartWith "  |   dev.simul.observe.Stalling.hold(Stalling.kt:"
                own[1] shouldStartWith "  |   dev.simul.observe.StallTestKt.innermost(StallTest.kt:"
                own[2] shouldStartWith "  |   async dev.simul.observe.StallTestKt.middle(StallTest.kt:"
                log[0] shouldContain "     * Task(name='Task-"
                log[0] shouldNotContain "dev.simul.loop.EventLoop"
                log[1] shouldMatch Regex("Task 'stuck' held its event loop for about .+")
            }

            for (carrier in carriersHere) {
                test("in a body, on the carrier $carrier") {
                    val log =
                        Stalling.logOf { stalling ->
                            runLoop(loopFactory = { watchedLoop().also { it.carrier = carrier } }) {
                                val loop = getRunningLoop()
                                val other = loop.createTask(bodyOf { awaitInBody(shortSleep()) })
                                val stuck =
                                    loop.createTask(
                                        bodyOf {
                                            awaitInBody(shortSleep())
                                            stalling.hold()
                                        },
                                        name = TASK,
                                    )
                                gather(listOf(other, stuck)).await()
                            }
                        }
                    log shouldHaveSize 2
                    log[0] shouldContain "  |   dev.simul.observe.Stalling.hold(Stalling.kt:"
                    log[0] shouldContain "(StallTest.kt:"
                    log[0] shouldContain "in thread 'simul-body"
                    log[0] shouldContain "     * Task(name='Task-"
                    log[0] shouldNotContain "dev.simul.bodies"
                    log[0] shouldNotContain "dev.simul.loop.EventLoop"
                }
            }

            test("on virtual time, of which it takes none") {
                val clock = VirtualClock()
                val log =
                    Stalling.logOf { stalling ->
                        runLoop(loopFactory = { clock.newLoop().also { it.stallThreshold = Stalling.threshold } }) {
                            createTask(name = TASK) {
                                clock.advance(100.hours)
                                stalling.hold()
                            }.await()
                        }
                    }
                log[1] shouldMatch Regex("Task 'stuck' held its event loop for about [0-9.]+m?s(, without .+)?")
                clock.now shouldBe 100.hours
            }
        }

        test("a callback is reported by its stack") {
            val log =
                whileHeld { watched ->
                    watched.after(25.milliseconds)
                    watched.after(100.milliseconds)
                }
            log shouldHaveSize 2
            log[0] shouldStartWith "A callback has held its event loop for 100ms, in thread '"
            log[0] shouldContain "java.util.concurrent.CountDownLatch.await("
            log[0] shouldContain "dev.simul.observe.StallTestKt"
            log[0] shouldNotContain "dev.simul.loop.EventLoop"
            log[0] shouldContain "It waits for java.util.concurrent.CountDownLatch"
            log[1] shouldBe "A callback held its event loop for about 112ms"
        }

        test("a step is reported once, however long it takes") {
            val log =
                whileHeld { watched ->
                    watched.after(25.milliseconds)
                    repeat(1_000) { watched.after(25.milliseconds) }
                }
            log.map { it.substringBefore(',') } shouldBe
                listOf("A callback has held its event loop for 100ms", "A callback held its event loop for about 25.012s")
        }

        test("a report that fails is tried once for each step") {
            var tries = 0

            fun broken(): Nothing {
                tries++
                error("broken")
            }
            whileHeld({ _, _, _ -> broken() }) { watched ->
                repeat(100) { runCatching { watched.after(25.milliseconds) } }
            }.shouldBeEmpty()
            tries shouldBe 1
        }

        test("nothing is reported in a JVM for a debugger, which stops where it likes") {
            val debugger = listOf("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0")
            for ((options, reports) in listOf(emptyList<String>() to 1, debugger to 0)) {
                Child(SlowLoop::class.java.name, "", options).use { child ->
                    child.await("ended").count { it.startsWith("Task '$TASK' has held") } shouldBe reports
                }
            }
        }

        test("time in which the process did not run is not the step's") {
            val log =
                whileHeld { watched ->
                    watched.after(25.milliseconds)
                    repeat(3) { watched.after(60.seconds + 25.milliseconds, late = 60.seconds) }
                    watched.after(10.milliseconds)
                    RecordedLog.during { watched.after(10.milliseconds) }.shouldBeEmpty()
                    watched.after(10.milliseconds)
                }
            log[0] shouldStartWith "A callback has held its event loop for 105ms"
            log[1] shouldBe "A callback held its event loop for about 117ms, without 3m in which the process did not run"
        }

        test("a process that is stopped and continued has nothing to report") {
            Child(StoppedLoop::class.java.name, "").use { child ->
                child.await("running")
                child.signal("STOP")
                Thread.sleep(2_000)
                child.signal("CONT")
                child.await("ended").shouldBeEmpty()
            }
        }

        test("no report is made below the threshold, or without one") {
            whileHeld { watched ->
                watched.after(25.milliseconds)
                watched.after(99.milliseconds)
            }.shouldBeEmpty()
            whileHeld { watched ->
                watched.threshold = 0
                repeat(10) { watched.after(1.hours) }
            }.shouldBeEmpty()
        }

        test("many short steps are not one long one") {
            val loop = EventLoop()
            val watched = WatchedLoop(loop).also { it.threshold = 100.milliseconds.inWholeNanoseconds }
            val log =
                RecordedLog.during {
                    repeat(200) { loop.callSoon { watched.after(99.milliseconds) shouldBe true } }
                    loop.stop()
                    loop.runForever()
                }
            log.shouldBeEmpty()
            loop.close()
        }

        test("a loop that waits is idle, for however long") {
            val loop = EventLoop()
            val runner = loop.runIn { loop.callLater(1.hours) {} }
            runner.join()
            val waiting = thread { loop.runForever() }
            while (!loop.isIdle) Thread.onSpinWait()
            val watched = WatchedLoop(loop).also { it.threshold = 100.milliseconds.inWholeNanoseconds }
            RecordedLog.during { repeat(10) { watched.after(1.hours) shouldBe false } }.shouldBeEmpty()
            loop.callSoonThreadsafe { loop.stop() }
            waiting.join()
            watched.after(1.hours) shouldBe false
            loop.close()
        }

        test("it can be read while the loop runs, in whatever state it is") {
            val loop = EventLoop()
            val isOver = AtomicBoolean()
            val runner =
                thread {
                    runLoop(loopFactory = { loop }) {
                        while (!isOver.get()) {
                            val gate = Future<Unit>()
                            val tasks = MutableList(10) { createTask { if (it % 2 == 0) gate.await() else sleep(Duration.ZERO) } }
                            tasks += loop.createTask(bodyOf { awaitInBody(gate) })
                            createTask { gate.setResult(Unit) }
                            gather(tasks).await()
                        }
                    }
                }
            val begin = TimeSource.Monotonic.markNow()
            var read = 0
            while (begin.elapsedNow() < 1.seconds || read == 0) {
                val task = allTasks(loop).randomOrNull()
                if (Stall.of(loop, task, 1.seconds) != null) read++
            }
            isOver.set(true)
            runner.join()
            read shouldBeGreaterThan 0
        }

        context("the report is short, however many await the task") {
            /** The report of [TASK], which those await that [await] makes. */
            fun reportOf(await: suspend (Task<Unit>) -> Unit): List<String> =
                Stalling
                    .logOf { stalling ->
                        runLoop(loopFactory = ::watchedLoop) {
                            await(
                                createTask(name = TASK) {
                                    sleep(1.milliseconds)
                                    stalling.hold()
                                },
                            )
                        }
                    }.first()
                    .lines()

            test("on exponentially many paths") {
                val lines =
                    reportOf { task ->
                        var layer = listOf(task, createTask {})
                        repeat(20) {
                            val below = layer
                            layer = List(2) { createTask<Unit> { gather(below).await() } }
                        }
                        gather(layer).await()
                    }
                lines.size shouldBeLessThan 400
                val shown = lines.filter { "* Task(name=" in it }.map { it.trim() }
                shown shouldBe shown.distinct()
                lines.map { it.trim() } shouldContain "* and 1 more"
                lines.count { it.endsWith(", as above") } shouldBeGreaterThan 0
            }

            test("in great numbers") {
                val lines = reportOf { task -> gather(List(1_000) { createTask { task.await() } }).await() }
                lines.size shouldBeLessThan 400
                lines.last() shouldMatch Regex(" +\\* and 9\\d\\d more")
            }

            test("one after the other") {
                val lines =
                    reportOf { task ->
                        var last = task
                        repeat(1_000) {
                            val below = last
                            last = createTask { below.await() }
                        }
                        last.await()
                    }
                lines.size shouldBeLessThan 400
                lines.last().trim() shouldBe "* and 1 more"
            }

            test("in deep recursion") {
                suspend fun descend(
                    levels: Int,
                    task: Task<Unit>,
                ) {
                    if (levels > 0) descend(levels - 1, task) else task.await()
                    check(levels >= 0)
                }
                val lines = reportOf { task -> descend(1_000, task) }
                lines.size shouldBeLessThan 400
                lines.last() shouldBe "       |   and more"
            }
        }

        context("a body that waits for what another one holds while it awaits") {
            test("is reported with the owner of the lock, where the JVM tells it") {
                val lock = ReentrantLock()
                var waiting: Thread? = null
                val log =
                    RecordedLog.during({ if ("Task '$TASK' has held" in it.message) waiting!!.interrupt() }) {
                        runLoop(loopFactory = { watchedLoop().also { it.carrier = Carrier.PLATFORM } }) {
                            val loop = getRunningLoop()
                            val keeper =
                                loop.createTask(
                                    bodyOf {
                                        lock.lock()
                                        awaitInBody(shortSleep())
                                        lock.unlock()
                                    },
                                    name = "keeper",
                                )
                            val stuck =
                                loop.createTask(
                                    bodyOf {
                                        waiting = Thread.currentThread()
                                        shouldThrow<InterruptedException> { lock.lockInterruptibly() }
                                    },
                                    name = TASK,
                                )
                            gather(listOf(keeper, stuck)).await()
                        }
                    }
                val report = log.map { it.message }.single { it.startsWith("Task '$TASK' has held") }
                report.lines()[1] shouldMatch
                    Regex(
                        "It waits for java\\.util\\.concurrent\\.locks\\.ReentrantLock\\S+, which task 'keeper' " +
                            "\\(thread 'simul-body-.*'\\) holds while it awaits: neither can continue\\.",
                    )
                report.substringAfter("Awaited by:") shouldContain "* Task(name='keeper', id="
            }

            for (carrier in carriersHere) {
                test("is reported on the carrier $carrier, also if it waits for a monitor") {
                    Child(LockedLoop::class.java.name, carrier.name).use { child ->
                        child.lineWith("Task '$TASK' has held its event loop")
                        val isTold = carrier == Carrier.PLATFORM || Runtime.version().feature() >= 25
                        child.line() shouldMatch
                            Regex(
                                if (isTold) {
                                    "It waits for java\\.lang\\.Object@\\S+, which task 'keeper' .* holds while it awaits: .*"
                                } else {
                                    "It waits for .*neither can continue.*"
                                },
                            )
                        child.lineWith("LockedLoop.enter(StallTest.kt:")
                        if (isTold) child.lineWith("LockedLoop.keep(StallTest.kt:")
                    }
                }
            }
        }

        context("the threshold") {
            test("is 100 ms, or what the system property or the environment says") {
                stallThresholdByDefault(null) shouldBe 100.milliseconds
                stallThresholdByDefault("") shouldBe 100.milliseconds
                stallThresholdByDefault("250") shouldBe 250.milliseconds
                stallThresholdByDefault("0") shouldBe Duration.ZERO
                stallThresholdByDefault("Off") shouldBe Duration.ZERO
                for (wrong in listOf("often", "-1", "1.5")) {
                    shouldThrow<IllegalArgumentException> { stallThresholdByDefault(wrong) }.message shouldContain "'$wrong'"
                }
            }

            test("is a property of the loop; null and zero turn the reports off") {
                val loop = EventLoop()
                loop.stallThreshold = 2.seconds
                loop.stallThreshold shouldBe 2.seconds
                loop.stallThreshold = Duration.ZERO
                loop.stallThreshold shouldBe null
                loop.stallThreshold = Duration.INFINITE
                loop.stallThreshold = null
                loop.stallThreshold shouldBe null
                shouldThrow<IllegalArgumentException> { loop.stallThreshold = (-1).seconds }.message shouldContain "-1s"
                loop.close()
            }
        }
    })
