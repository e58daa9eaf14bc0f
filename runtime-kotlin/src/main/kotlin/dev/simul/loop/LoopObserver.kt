// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * Observes the running loops of this JVM from a thread of its own, which sleeps while they are all idle.
 *
 * What a loop tells it costs nothing: that it waits ([EventLoop.isIdle]) and where it stands ([EventLoop.position]), by plain stores that
 * it needs anyway or makes when it waits. The observer reads them whenever it likes.
 */
internal abstract class LoopObserver {
    /** Whether its thread sleeps until [wake]. */
    @Volatile
    @JvmField
    var isAsleep: Boolean = false

    /** The time, in units of [TICK_NANOS], by which tasks with names tell their age, or 0. It stands still while all loops are idle. */
    @JvmField
    var ticks: Int = 0

    /** [loop] begins to run. */
    abstract fun began(loop: EventLoop)

    /** [loop] no longer runs. */
    abstract fun ended(loop: EventLoop)

    /** A loop goes on after a wait, while the observer is asleep. */
    abstract fun wake()

    companion object {
        const val TICK_NANOS: Long = 25_000_000L

        /** It knows tasks and bodies, and so lies in a layer above: it is found by its name. */
        fun find(): LoopObserver =
            try {
                Class.forName(NAME).getField("INSTANCE").get(null) as LoopObserver
            } catch (_: ClassNotFoundException) {
                Nobody // The program was stripped of it.
            } catch (_: LinkageError) {
                Nobody // Or of what it needs.
            }

        private const val NAME = "dev.simul.observe.Observer"
    }

    private object Nobody : LoopObserver() {
        override fun began(loop: EventLoop) = Unit

        override fun ended(loop: EventLoop) = Unit

        override fun wake() = Unit
    }
}

/** Apart from [LoopObserver], which is initialized before its subclass. */
internal object TheObserver {
    @JvmField
    val observer: LoopObserver = LoopObserver.find()
}
