// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.allTasks
import dev.simul.createTask
import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.loop.NioPoller
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.observe.inTurn
import dev.simul.observe.withRunning
import dev.simul.sleep
import dev.simul.sync.Lock
import dev.simul.turns
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeFalse
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeGreaterThanOrEqual
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.util.concurrent.CountDownLatch
import javax.management.Attribute
import javax.management.AttributeNotFoundException
import javax.management.MBeanServerFactory
import javax.management.ReflectionException
import javax.management.openmbean.CompositeData
import javax.management.openmbean.OpenMBeanInfo
import javax.management.openmbean.TabularData
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

private suspend fun acquireTwice(lock: Lock) {
    lock.acquire()
    lock.acquire()
    lock.release()
}

private fun snapshot(stacks: Boolean = true): List<SeenLoop> =
    (EventLoopsBean.invoke("snapshot", arrayOf(stacks), arrayOf("boolean")) as Array<*>).map { SeenLoop(it as CompositeData) }

private fun EventLoop.seen(stacks: Boolean = true): SeenLoop = snapshot(stacks).single { it.id == number }

class SnapshotTest :
    FunSpec({
        loopTest("a snapshot has the tasks in the order of their creation, with what they wait for and whom") {
            val lock = Lock()
            val sleeper = createTask(name = "sleeper") { sleep(1.hours) }
            val locker = createTask(name = "locker") { acquireTwice(lock) }
            createTask(name = "gatherer") { gather(sleeper, locker).await() }
            createTask(name = "waiter") { locker.await() }
            turns(2)
            createTask(name = "new") { }
            val seen = getRunningLoop().seen()

            seen.tasks.drop(1).map { it.name } shouldContainExactly listOf("sleeper", "locker", "gatherer", "waiter", "new")
            seen.tasks.map { it.state } shouldContainExactly listOf("running", "waiting", "waiting", "waiting", "waiting", "ready")
            seen.task("locker").waitingFor shouldBe "Lock.acquire of <Lock [locked, waiters:1]>, last acquired by locker"
            seen.task("new").waitingFor.shouldBeNull()
            seen.awaitedBy("gatherer") shouldContainExactly listOf("sleeper", "locker")
            seen.awaitedBy("waiter") shouldContainExactly listOf("locker")
            seen.task("sleeper").awaits.shouldBeEmpty()
            seen.task("locker").stack.first() shouldStartWith "async dev.simul.observe.jmx.SnapshotTestKt.acquireTwice(SnapshotTest.kt:"
            seen.task("locker").coroutine shouldContain "(SnapshotTest.kt:"
            seen.task("locker").ageNanos shouldBeGreaterThanOrEqual -1
            seen.numbers.getValue("tasks") shouldBe 6
        }

        loopTest("stacks may be asked for of some tasks alone") {
            val tasks = List(3) { createTask(name = "sleeper $it") { sleep(1.hours) } }
            turns(1)
            val loop = getRunningLoop()
            val wanted = loop.seen(stacks = false).task(tasks[1].name).id
            val answer = EventLoopsBean.invoke("snapshotWithStacksOf", arrayOf(longArrayOf(wanted)), arrayOf("[J")) as Array<*>
            val seen = answer.map { SeenLoop(it as CompositeData) }.single { it.id == loop.number }
            seen.tasks.filter { it.stack.isNotEmpty() }.map { it.id } shouldBe listOf(wanted)
            seen.tasks.size shouldBe 4
        }

        loopTest("without stacks, the outermost frame is there all the same") {
            val lock = Lock()
            createTask(name = "locker") { acquireTwice(lock) }
            turns(1)
            val task = getRunningLoop().seen(stacks = false).task("locker")
            task.stack.shouldBeEmpty()
            task.coroutine shouldContain "(SnapshotTest.kt:"
        }

        loopTest("a task keeps its number") {
            val sleeper = createTask(name = "sleeper") { sleep(1.hours) }
            turns(1)
            val id = getRunningLoop().seen().task("sleeper").id
            createTask(name = "other") { }
            turns(2)
            sleeper.name = "renamed"
            getRunningLoop().seen().task("renamed").id shouldBe id
        }

        loopTest("tasks are numbered in the order of their creation, whomever they await") {
            createTask(name = "parent") { createTask(name = "child") { sleep(1.hours) }.await() }
            createTask(name = "other") { sleep(1.hours) }
            turns(2)
            val tasks = getRunningLoop().seen(stacks = false).tasks
            tasks.drop(1).map { it.name } shouldContainExactly listOf("parent", "other", "child")
            tasks.map { it.id } shouldBe tasks.map { it.id }.sorted()
        }

        loopTest("a request to cancel that a task does not follow is counted") {
            val stubborn =
                createTask(name = "stubborn") {
                    try {
                        sleep(1.hours)
                    } finally {
                        sleep(2.hours)
                    }
                }
            turns(1)
            stubborn.cancel()
            turns(2)
            getRunningLoop().seen().task("stubborn").cancelling shouldBe 1
        }

        test("a loop that waits answers at once, and is idle") {
            withRunning { loop ->
                while (!loop.poller.let { it is NioPoller && it.isBlocked }) Thread.onSpinWait()
                val seen = loop.seen()
                seen.isAnswer.shouldBeTrue()
                seen.state shouldBe "idle"
                seen.busyNanos shouldBe 0
                seen.busyTask shouldBe 0
                seen.busyStack.shouldBeEmpty()
                seen.thread shouldBe "runs the loop"
                seen.tasks.shouldBeEmpty()
                seen.turns shouldBeGreaterThan 0
            }
        }

        test("a loop that has run and is not closed is stopped, one that is closed or has not run is not there") {
            val loop = EventLoop()
            val other = EventLoop()
            val task = loop.createTask(name = "left over") { sleep(1.hours) }
            loop.callLater(1.milliseconds) { loop.stop() }
            loop.runForever()
            val seen = loop.seen()
            seen.state shouldBe "stopped"
            seen.isAnswer.shouldBeTrue()
            seen.task("left over").state shouldBe "waiting"
            seen.thread shouldBe Thread.currentThread().name
            task.cancel()
            loop.callSoon { loop.callSoon { loop.stop() } }
            loop.runForever()
            loop.close()
            other.close()
            snapshot().map { it.id }.contains(loop.number).shouldBeFalse()
            other.number shouldBe 0
        }

        test("a loop that a task holds is read while it runs, with the stack that holds it") {
            withRunning { loop ->
                val held = CountDownLatch(1)
                val mayGoOn = CountDownLatch(1)
                loop.inTurn {
                    loop.createTask(name = "sleeper") { sleep(1.hours) }
                    loop.createTask(name = "holder") {
                        sleep(1.milliseconds)
                        held.countDown()
                        mayGoOn.await()
                    }
                }
                held.await()
                try {
                    val asked = System.nanoTime()
                    val seen = loop.seen()
                    (System.nanoTime() - asked) shouldBeGreaterThanOrEqual 200_000_000
                    seen.isAnswer.shouldBeFalse()
                    seen.state shouldBe "running"
                    seen.lagNanos shouldBeGreaterThanOrEqual 200_000_000
                    seen.busyTask shouldBe seen.task("holder").id
                    seen.busyStack.joinToString("\n") shouldContain "java.util.concurrent.CountDownLatch.await("
                    seen.task("holder").state shouldBe "running"
                    seen.task("holder").stack.joinToString("\n") shouldContain "(SnapshotTest.kt:"
                    seen.task("sleeper").state shouldBe "waiting"
                } finally {
                    mayGoOn.countDown()
                }
                loop.seen().isAnswer.shouldBeTrue()
                loop.inTurn { allTasks(loop).forEach { it.cancel() } }
                loop.inTurn { }
                loop.inTurn { }
            }
        }

        test("reading a loop that runs at full speed neither fails nor goes on for ever") {
            withRunning { loop ->
                var isOver = false

                fun go() {
                    if (isOver) return
                    val lock = Lock()
                    repeat(20) {
                        loop.createTask {
                            gather(
                                loop.createTask { acquireTwice(lock) },
                                loop.createTask { sleep(0.milliseconds) },
                            ).await()
                        }
                    }
                    allTasks(loop).take(30).forEach { it.cancel() }
                    loop.callSoon { go() }
                }
                loop.inTurn { go() }
                repeat(200) { LoopReport(LoopReading(loop).fromOutside(0), wantsStack = { true }).record() }
                loop.inTurn {
                    isOver = true
                    allTasks(loop).forEach { it.cancel() }
                }
                while (loop.inTurn { allTasks(loop).onEach { it.cancel() }.size } > 0) Thread.onSpinWait()
            }
        }

        loopTest("no more than ten thousand tasks are told of, by a loop that has more") {
            repeat(10_010) { createTask { sleep(1.hours) } }
            val seen = getRunningLoop().seen(stacks = false)
            seen.tasks.size shouldBe 10_000
            seen.numbers.getValue("tasks") shouldBe 10_011
        }

        test("it is an MXBean with the metrics as attributes") {
            val info = EventLoopsBean.getMBeanInfo()
            (info is OpenMBeanInfo).shouldBeTrue()
            info.descriptor.getFieldValue("mxbean") shouldBe "true"
            info.attributes.map { it.name } shouldContainExactly
                listOf("Loops", "Turns", "LagNanos", "Ready", "Tasks", "Timers", "Connections")
            withRunning { loop ->
                loop.inTurn { loop.createTask(name = "sleeper") { sleep(1.hours) } }
                loop.inTurn { }
                val row = (EventLoopsBean.getAttribute("Loops") as TabularData)[arrayOf(loop.number)]
                row["tasks"] shouldBe 1
                row["timers"] shouldBe 1
                row["thread"] shouldBe "runs the loop"
                EventLoopsBean.getAttribute("Tasks") as Long shouldBeGreaterThan 0
                EventLoopsBean.getAttributes(arrayOf("Turns", "none")).asList().map { it.name } shouldContainExactly listOf("Turns")
                loop.inTurn { allTasks(loop).forEach { it.cancel() } }
                loop.inTurn { }
                loop.inTurn { }
            }
            shouldThrow<AttributeNotFoundException> { EventLoopsBean.getAttribute("none") }
            shouldThrow<AttributeNotFoundException> { EventLoopsBean.setAttribute(Attribute("Turns", 1L)) }
            shouldThrow<ReflectionException> { EventLoopsBean.invoke("none", arrayOf(true), arrayOf("boolean")) }
            shouldThrow<ReflectionException> { EventLoopsBean.invoke("snapshot", emptyArray(), emptyArray()) }
        }

        test("a second copy of the library gets a name of its own") {
            val server = MBeanServerFactory.newMBeanServer()
            EventLoopsBean.registerIn(server).toString() shouldBe "dev.simul:type=EventLoops"
            EventLoopsBean.registerIn(server).toString() shouldBe "dev.simul:type=EventLoops,copy=2"
        }

        test("a look for exact times ends when it is told, and is renewed by being told again") {
            fun tell(on: Boolean) = EventLoopsBean.invoke("attachTop", arrayOf(on), arrayOf("boolean"))
            withRunning { loop ->
                tell(true)
                val told = System.nanoTime()
                val isExact = loop.seen().exactTimes
                if (System.nanoTime() - told < 3_000_000_000) isExact.shouldBeTrue()
                tell(false)
                loop.seen().exactTimes.shouldBeFalse()
            }
        }
    })
