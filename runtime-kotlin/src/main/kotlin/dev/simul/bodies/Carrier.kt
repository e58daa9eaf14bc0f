// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import dev.simul.loop.isVirtual
import java.util.Locale

/**
 * How bodies get a stack of their own, from the slowest to the fastest. A loop uses the last one that the JVM supports, unless
 * [EventLoop.carrier], the system property `simul.carrier` or the environment variable `SIMUL_CARRIER` says otherwise. Bodies behave the
 * same on each.
 *
 * asyncio has no equivalent: its coroutines need no stack.
 */
public enum class Carrier {
    /** Platform threads of a pool: available everywhere. */
    PLATFORM {
        override val whyUnavailable: String? get() = null

        override val reusesThreads: Boolean get() = true

        override fun start(
            body: Runnable,
            loop: EventLoop,
        ) = BodyThreads.execute(body)
    },

    /** Virtual threads: on JDK 21 or newer. */
    VIRTUAL {
        override val whyUnavailable: String?
            get() = if (VirtualThreads.areThere) null else "it needs JDK 21 or newer"

        override val keepsFramesInHeap: Boolean get() = true

        override fun start(
            body: Runnable,
            loop: EventLoop,
        ) = VirtualThreads.start(body)
    },

    /**
     * Virtual threads that run on the loop's own thread: on JDK 24 or newer that was started with
     * `--add-opens java.base/java.lang=ALL-UNNAMED`, or from an executable jar whose manifest has `Add-Opens: java.base/java.lang`. Only
     * a platform thread can run and close such a loop. On the module path, name `dev.simul.runtime` instead of `ALL-UNNAMED`.
     */
    PUMPED {
        override val mayPoll: Boolean get() = false

        override val keepsFramesInHeap: Boolean get() = true

        /** The module that the JDK must be open for: the one that contains this class. */
        private val opened: String get() = javaClass.module.name ?: "ALL-UNNAMED"

        override val whyUnavailable: String?
            get() =
                when {
                    !VirtualThreads.canBePumped -> "it needs JDK 24 or newer, and --add-opens java.base/java.lang=$opened"
                    Thread.currentThread().isVirtual() -> "the loop is run by a virtual thread"
                    else -> null
                }

        override fun start(
            body: Runnable,
            loop: EventLoop,
        ) = VirtualThreads.startOn(loop.rootExecutor, body)

        override fun checkCanWait() {
            val initializer = StackWalker.getInstance().walk { frames -> frames.filter { it.methodName == "<clinit>" }.findFirst() }
            check(initializer.isEmpty) {
                "${initializer.get().className} awaits in its static initializer, which keeps the loop's thread: " +
                    "await before or after it"
            }
        }
    }, ;

    /** Whether loops run by the calling thread can use it. */
    public val isAvailable: Boolean get() = whyUnavailable == null

    /** Why loops of the calling thread cannot use it, as text; null if they can. */
    internal abstract val whyUnavailable: String?

    /** Whether the loop may poll on such a stack. */
    internal open val mayPoll: Boolean get() = true

    /** Whether a waiting body's frames are moved to the heap, where a recursion would not overflow. */
    internal open val keepsFramesInHeap: Boolean get() = false

    /** Whether a thread runs one body after another, so that each must leave it as it was. */
    internal open val reusesThreads: Boolean get() = false

    internal abstract fun start(
        body: Runnable,
        loop: EventLoop,
    )

    /** Debug mode's check that the calling body can give up its stack. */
    internal open fun checkCanWait() {}

    public companion object {
        /** The carriers that loops run by the calling thread can use, the slowest first. */
        @JvmStatic
        public fun available(): List<Carrier> = entries.filter { it.isAvailable }

        /** The carrier that the system property `simul.carrier` or the environment variable `SIMUL_CARRIER` names, or the best. */
        internal fun byDefault(asked: String? = System.getProperty("simul.carrier") ?: System.getenv("SIMUL_CARRIER")): Carrier {
            if (asked.isNullOrEmpty()) return available().last()
            val carrier = entries.find { it.name == asked.uppercase(Locale.ROOT) }
            requireNotNull(carrier) {
                "there is no carrier '$asked': simul.carrier must be one of ${entries.joinToString { it.name.lowercase(Locale.ROOT) }}"
            }
            return carrier.also { it.requireAvailable() }
        }
    }

    internal fun requireAvailable() {
        val why = whyUnavailable ?: return
        throw IllegalArgumentException("carrier '${name.lowercase(Locale.ROOT)}' cannot be had here: $why")
    }
}

private class CarrierOfLoop(
    var carrier: Carrier,
)

private val carrierOf = LoopLocal { CarrierOfLoop(Carrier.byDefault()) }

/**
 * The carrier of this loop's bodies; set it before the first of them begins.
 *
 * By default it is the carrier that the system property `simul.carrier` or the environment variable `SIMUL_CARRIER` names, or else the best
 * one that the JVM supports.
 *
 * @throws IllegalArgumentException if it is set to, or named as, a carrier that this JVM does not support.
 */
public var EventLoop.carrier: Carrier
    get() = carrierOf[this].carrier
    set(value) {
        value.requireAvailable()
        carrierOf[this].carrier = value
    }
