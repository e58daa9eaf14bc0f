// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.LoopMetrics
import dev.simul.tools.inspect.LoopSnapshot
import dev.simul.tools.inspect.TaskSnapshot
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe

class ActivityTest :
    FunSpec({
        fun task(
            id: Long,
            timeOnLoopNanos: Long?,
        ) = TaskSnapshot(id, "t$id", "waiting", timeOnLoopNanos = timeOnLoopNanos)

        fun sample(
            atNanos: Long,
            turns: Long?,
            vararg tasks: TaskSnapshot,
            busyNanos: Long? = null,
        ) = Sample(
            atNanos,
            listOf(LoopSnapshot(1, "main", "idle", busyNanos = busyNanos, metrics = LoopMetrics(turns), tasks = tasks.toList())),
        )

        val second = 1_000_000_000L

        test("a share is what a task took of the time between two samples, from nothing if it is new or no time was known of it") {
            val before = sample(0, 100, task(1, second), task(2, null))
            val now = sample(2 * second, 160, task(1, second + second / 2), task(2, second / 2), task(3, second), task(4, null))
            val activity = Activity(before, now)
            now.loops.single().tasks.map { activity.shareOf(it) } shouldBe listOf(0.25, 0.25, 0.5, null)
            activity.busyShareOf(now.loops.single()) shouldBe 1.0
            activity.turnsPerSecondOf(now.loops.single()) shouldBe 30
        }

        test("a share is neither more than all nor less than nothing, as where sampling becomes measuring") {
            val before = sample(0, 100, task(1, second), task(2, 9 * second))
            val now = sample(second, 50, task(1, 9 * second), task(2, 0))
            val activity = Activity(before, now)
            now.loops.single().tasks.map { activity.shareOf(it) } shouldBe listOf(1.0, 0.0)
            activity.turnsPerSecondOf(now.loops.single()) shouldBe 0
        }

        test("a loop that is held by one step is busy, whatever its tasks tell") {
            val now = sample(second, 100, busyNanos = 5 * second)
            Activity(sample(0, 100), now).busyShareOf(now.loops.single()) shouldBe 1.0
        }

        test("one sample alone tells no share") {
            val now = sample(second, 100, task(1, second))
            val activity = Activity(null, now)
            activity.shareOf(now.loops.single().tasks.single()).shouldBeNull()
            activity.busyShareOf(now.loops.single()).shouldBeNull()
            activity.turnsPerSecondOf(now.loops.single()).shouldBeNull()
        }
    })
