// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import java.lang.management.ManagementFactory
import javax.management.ObjectName
import javax.management.openmbean.CompositeData
import kotlin.concurrent.thread
import kotlin.system.exitProcess

/**
 * A program without a loop, which tells of some all the same, as this library's bean does: of what no program shows whenever a test wants it,
 * a loop that does not answer, say. It says `ready`, and ends with its input.
 */
internal object FakeLoops {
    @JvmStatic
    fun main(arguments: Array<String>) {
        when (val mode = arguments.first()) {
            "none" -> println("ready")
            "late" -> println("ready").also { thread(isDaemon = true) { Thread.sleep(1_000).also { register("shapes") } } }
            else -> register(mode).also { println("ready") }
        }
        System.`in`.readAllBytes()
        exitProcess(0)
    }

    private fun register(mode: String) {
        ManagementFactory.getPlatformMBeanServer().registerMBean(Loops(mode), ObjectName("dev.simul:type=EventLoops"))
    }

    @Suppress("ktlint:standard:function-naming")
    interface LoopsMBean {
        fun snapshot(stacks: Boolean): Array<CompositeData>

        fun snapshotWithStacksOf(tasks: LongArray): Array<CompositeData>

        fun attachTop(on: Boolean)
    }

    class Loops(
        private val mode: String,
    ) : LoopsMBean {
        private var isExact = false
        private val beganAt = System.nanoTime()

        override fun snapshot(stacks: Boolean): Array<CompositeData> = loops { stacks }

        override fun snapshotWithStacksOf(tasks: LongArray): Array<CompositeData> = loops { it in tasks }

        private fun loops(wantsStack: (Long) -> Boolean): Array<CompositeData> =
            when (mode) {
                "empty" -> emptyArray()
                "shapes" -> arrayOf(shapes(wantsStack), wedged())
                "many" -> arrayOf(many())
                "broken" -> error("no loops today")
                else -> error("no mode $mode")
            }

        override fun attachTop(on: Boolean) {
            isExact = on
        }

        private fun shapes(wantsStack: (Long) -> Boolean) =
            composite(
                mapOf(
                    "id" to 1,
                    "thread" to "main",
                    "state" to "idle",
                    "answered" to true,
                    "exactTimes" to isExact,
                    "metrics" to
                        composite(
                            mapOf("turns" to (System.nanoTime() - beganAt) / 1_000_000, "lagNanos" to 340_000L, "ready" to 1),
                        ),
                    "tasks" to
                        arrayOf(
                            task(1, "Task-1", wantsStack(1), longArrayOf(2, 3)),
                            task(2, "save", wantsStack(2)),
                            task(3, "spend", wantsStack(3)),
                        ),
                ),
            )

        private fun wedged() =
            composite(
                mapOf(
                    "id" to 2,
                    "thread" to "worker",
                    "state" to "running",
                    "answered" to false,
                    "exactTimes" to isExact,
                    "busyNanos" to 3_000_000_000L,
                    "busyTask" to 4L,
                    "busyStack" to arrayOf("shop.Shop.spin(Shop.kt:20)"),
                    "tasks" to arrayOf(task(4, "crunch", false)),
                ),
            )

        private fun many() =
            composite(mapOf("id" to 1, "thread" to "main", "state" to "idle", "tasks" to Array(5_000) { task(it + 1L, "t$it", false) }))

        private fun task(
            id: Long,
            name: String,
            stacks: Boolean,
            awaits: LongArray = LongArray(0),
        ) = composite(
            mapOf(
                "id" to id,
                "name" to name,
                "state" to "waiting",
                "coroutine" to "shop.Shop.$name(Shop.kt:$id)",
                "waitingFor" to "sleep",
                "awaits" to awaits,
                "ageNanos" to System.nanoTime() - beganAt + id * 1_000_000_000,
                "timeOnLoopNanos" to (System.nanoTime() - beganAt) / (id + 1),
                "waitingNanos" to 1_000_000_000L,
                "stack" to if (stacks) arrayOf("async shop.Shop.inner$id(Shop.kt:1$id)") else arrayOf(""),
            ),
        )
    }
}
