// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.runUntilComplete
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import jdk.jfr.Recording
import org.openjdk.jmc.common.item.IItemIterable
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit
import java.io.File

/** A recording, read by what JDK Mission Control reads it with. */
class MissionControlTest :
    FunSpec({
        fun recorded(file: File): List<IItemIterable> {
            FlightRecordings.listen()
            Recording().use { recording ->
                listOf("Task", "TaskCreated", "Step", "Turn").forEach { recording.enable("simul.$it") }
                recording.start()
                EventLoop().use { loop -> loop.runUntilComplete { createTask(name = "a task of Mission Control's") { }.await() } }
                recording.stop()
                recording.dump(file.toPath())
            }
            return JfrLoaderToolkit.loadEvents(file).filter { it.type.identifier.startsWith("simul.") }
        }

        test("it finds the events, by their names there, with their fields and what they say") {
            val items = recorded(tempfile("simul", ".jfr"))
            items.map { it.type.identifier } shouldContainAll listOf("simul.Task", "simul.TaskCreated", "simul.Step", "simul.Turn")
            val tasks = items.filter { it.type.identifier == "simul.Task" }
            val type = tasks.first().type
            type.name shouldBe "Task"
            val keys = type.accessorKeys
            keys.keys.map { it.identifier } shouldContainAll listOf("startTime", "duration", "task", "outcome", "exception")
            keys.values.map { it.name } shouldContainAll listOf("Task", "Outcome")
            val nameOf = type.getAccessor(keys.keys.single { it.identifier == "task" })
            val names = tasks.flatMap { iterable -> iterable.map { nameOf.getMember(it) } }
            names shouldContainAll listOf("a task of Mission Control's")
        }
    })
