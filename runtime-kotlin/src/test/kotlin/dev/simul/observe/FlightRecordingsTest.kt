// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.TaskRegistry
import dev.simul.coroutine
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.runUntilComplete
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import jdk.jfr.Recording
import jdk.jfr.consumer.RecordedEvent
import jdk.jfr.consumer.RecordingFile
import java.nio.file.Files
import java.time.Duration
import kotlin.io.path.deleteIfExists
import kotlin.time.Duration.Companion.milliseconds

private const val NAME = "a test of recordings: "

/** The events of tasks whose names begin with [NAME]: other tests may run loops too. */
private fun recorded(
    vararg events: String,
    run: () -> Unit,
): List<RecordedEvent> {
    FlightRecordings.listen()
    val file = Files.createTempFile("simul", ".jfr")
    try {
        Recording().use { recording ->
            events.forEach { recording.enable(it) }
            recording.start()
            run()
            recording.stop()
            recording.dump(file)
        }
        return RecordingFile.readAllEvents(file).filter { it.eventType.name.startsWith("simul.") }
    } finally {
        file.deleteIfExists()
    }
}

private fun List<RecordedEvent>.named(event: String) =
    filter { it.eventType.name == event && it.getString("task").orEmpty().startsWith(NAME) }

private fun RecordedEvent.text(field: String): String? = getString(field)?.removePrefix(NAME)

private fun inALoop(body: suspend () -> Unit) = EventLoop().use { it.runUntilComplete(body) }

class FlightRecordingsTest :
    FunSpec({
        test("tasks are recorded with their lives, outcomes and creators, and cancellations with who asked") {
            val events =
                recorded("simul.Task", "simul.TaskCreated", "simul.Cancel") {
                    inALoop {
                        currentTask()!!.name = "${NAME}main"
                        val returning = createTask(name = "${NAME}returning") { sleep(20.milliseconds) }
                        val failing = createTask(name = "${NAME}failing") { error("broken") }
                        val cancelled = createTask(name = "${NAME}cancelled") { sleep(1_000.milliseconds) }
                        returning.await()
                        shouldThrow<IllegalStateException> { failing.await() }
                        cancelled.cancel("enough")
                        shouldThrow<CancelledException> { cancelled.await() }
                    }
                }
            val tasks = events.named("simul.Task")
            tasks.map { "${it.text("task")} ${it.getString("outcome")} ${it.getString("exception")}" } shouldContainExactly
                listOf(
                    "failing exception java.lang.IllegalStateException: broken",
                    "returning result null",
                    "cancelled cancelled null",
                    "main result null",
                )
            tasks.first { it.text("task") == "returning" }.duration shouldBeGreaterThanOrEqualTo Duration.ofMillis(15)
            events.named("simul.TaskCreated").map { "${it.text("task")} by ${it.text("by")}" } shouldContainAll
                listOf("returning by main", "failing by main", "cancelled by main")
            val cancel = events.named("simul.Cancel").single()
            listOf(cancel.text("task"), cancel.getString("message"), cancel.text("by")) shouldContainExactly
                listOf("cancelled", "enough", "main")
            cancel.stackTrace.shouldNotBeNull()
        }

        test("steps are recorded with their times, also those of bodies, and slow ones by their threshold") {
            val events =
                recorded("simul.Step", "simul.SlowStep", "simul.Turn") {
                    inALoop {
                        currentTask()!!.name = "${NAME}main"
                        sleep(1.milliseconds)
                        createTask(name = "${NAME}slow") { Thread.sleep(150) }.await()
                        createTask(
                            bodyOf {
                                Thread.sleep(20)
                                awaitInBody(coroutine { sleep(1.milliseconds) })
                                Thread.sleep(20)
                            },
                            name = "${NAME}body",
                        ).await()
                    }
                }
            val steps = events.named("simul.Step")
            steps.map { it.text("task") } shouldContainAll listOf("main", "slow", "body")
            steps.first { it.text("task") == "slow" }.duration shouldBeGreaterThanOrEqualTo Duration.ofMillis(150)
            steps.filter { it.text("task") == "body" }.count { it.duration >= Duration.ofMillis(20) } shouldBe 2
            events.named("simul.SlowStep").map { it.text("task") } shouldContain "slow"
            val turns = events.filter { it.eventType.name == "simul.Turn" }
            turns.sumOf { it.getInt("ready") } shouldBeGreaterThanOrEqualTo steps.size
        }

        test("a recording that does not ask for them records none, and the loop runs as ever") {
            val events =
                recorded {
                    inALoop {
                        TaskRegistry[getRunningLoop()].observer.shouldBeNull()
                        getRunningLoop().stepObserver.shouldBeNull()
                        createTask(name = "${NAME}child") {}.await()
                    }
                }
            events.shouldBeEmpty()
        }

        test("a loop that runs already is recorded from the next turn on, and no longer than the recording lasts") {
            FlightRecordings.listen()
            inALoop {
                sleep(1.milliseconds)
                Recording().use { recording ->
                    recording.enable("simul.Step")
                    recording.start()
                    getRunningLoop().stepObserver.shouldNotBeNull()
                    sleep(1.milliseconds)
                }
                getRunningLoop().stepObserver.shouldBeNull()
                TaskRegistry[getRunningLoop()].observer.shouldBeNull()
            }
        }

        test("a switch that no longer listens hears of no recording, and of those that run when it listens again") {
            var changes = 0
            val switch = FlightRecorderSwitch { changes++ }
            switch.listen()
            Recording().use {
                it.enable("simul.Step")
                it.start()
                switch.wantsSteps shouldBe true
                switch.endListening()
                changes = 0
                it.stop()
            }
            changes shouldBe 0
            switch.listen()
            switch.wantsSteps shouldBe false
            switch.endListening()
        }

        test("the events say what they are") {
            val types =
                listOf(TaskEvent(), TaskCreatedEvent(), CancelEvent(), StepEvent(), SlowStepEvent(), TurnEvent())
                    .map { jdk.jfr.EventType.getEventType(it.javaClass) }
            types.map { it.categoryNames.single() }.distinct() shouldContainExactly listOf("Simul")
            types.map { it.name } shouldContainExactly
                listOf("simul.Task", "simul.TaskCreated", "simul.Cancel", "simul.Step", "simul.SlowStep", "simul.Turn")
            types.map { it.label } shouldContainExactly listOf("Task", "Task Created", "Cancel", "Step", "Slow Step", "Turn")
        }
    })
