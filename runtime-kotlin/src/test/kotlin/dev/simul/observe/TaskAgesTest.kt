// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.turns
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeBetween
import io.kotest.matchers.longs.shouldBeGreaterThanOrEqual
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

private const val MILLI = 1_000_000L
private const val SECOND = 1_000 * MILLI
private const val HOUR = 3_600 * SECOND

class TaskAgesTest :
    FunSpec({
        loopTest("a task without a name is as old as the first sample in which its number was taken") {
            val ages = TaskAges(getRunningLoop())
            val tasks = ArrayList<Task<*>>()
            for (second in 1..5) {
                tasks += createTask { }
                ages.sample(second * SECOND)
            }
            tasks.map { ages.of(it, 10 * SECOND) / SECOND } shouldBe listOf(9L, 8L, 7L, 6L, 5L)
        }

        loopTest("a task that no sample has met is new, and no task has an age before the first sample") {
            val ages = TaskAges(getRunningLoop())
            val task = createTask { }
            ages.of(task, SECOND) shouldBe -1
            ages.sample(SECOND)
            ages.of(createTask { }, 2 * SECOND) shouldBe 0
            ages.of(task, 2 * SECOND) shouldBe SECOND
        }

        loopTest("of many samples, so many are kept that a tenth of an age is missing at most") {
            val ages = TaskAges(getRunningLoop())
            val tasks = HashMap<Long, Task<*>>()
            val step = 25 * MILLI
            for (count in 1..400_000L) { // Almost three hours.
                val task = createTask { }
                task.cancel()
                if (count % 997 == 0L) tasks[count * step] = task
                ages.sample(count * step)
                if (count % 1_000 == 0L) turns()
            }
            val now = 400_000 * step
            for ((made, task) in tasks) ages.of(task, now).shouldBeBetween((now - made) * 9 / 10 - step, now - made)
        }

        test("a program's tasks have ages, whether they have names or not") {
            runLoop {
                val named = createTask(name = "named") { sleep(1.hours) }
                val unnamed = createTask { sleep(1.hours) }
                val ages = WatchedLoop[getRunningLoop()].ages
                sleep(600.milliseconds) // The observer looks each quarter of a second, since its reports are off here.
                val young = listOf(createTask(name = "young") { sleep(1.hours) }, createTask { sleep(1.hours) })
                ages.sample(System.nanoTime())
                val now = System.nanoTime()
                for (task in listOf(named, unnamed)) ages.of(task, now).shouldBeBetween(100 * MILLI, HOUR)
                val youngest = young.map { ages.of(it, now) }
                youngest.forEach { age ->
                    age shouldBeGreaterThanOrEqual 0
                    age shouldBeLessThanOrEqual ages.of(named, now) - 300 * MILLI
                }
            }
        }
    })
