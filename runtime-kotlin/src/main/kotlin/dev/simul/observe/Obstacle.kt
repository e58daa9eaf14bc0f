// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.bodies.Body
import dev.simul.bodies.nameThread
import dev.simul.loop.EventLoop
import dev.simul.loop.isVirtual
import java.lang.management.ManagementFactory
import java.util.concurrent.locks.Lock
import java.util.concurrent.locks.LockSupport
import java.util.concurrent.locks.ReadWriteLock

/**
 * What keeps a thread that runs a loop from going on, as far as the JVM tells: a monitor, a lock, or another thing to wait for.
 *
 * @property description a sentence.
 * @property owner the body that has it, and cannot continue either, since the loop is held.
 */
internal class Obstacle private constructor(
    val description: String,
    val owner: Body<*>?,
) {
    companion object {
        /** What [thread] waits for; null if it runs or sleeps, or the JVM does not tell. */
        fun of(
            thread: Thread,
            loop: EventLoop,
        ): Obstacle? =
            when (thread.state) {
                Thread.State.BLOCKED, Thread.State.WAITING, Thread.State.TIMED_WAITING ->
                    (if (thread.isVirtual()) ofVirtual(thread, loop) else ofPlatform(thread, loop)) ?: ofBlocker(thread)
                else -> null
            }

        /** Null without the module `java.management`. */
        private fun ofPlatform(
            thread: Thread,
            loop: EventLoop,
        ): Obstacle? {
            val info =
                try {
                    ManagementFactory.getThreadMXBean().getThreadInfo(thread.id)
                } catch (_: LinkageError) {
                    null
                }
            val lock = info?.lockInfo ?: return null
            if (info.lockOwnerId < 0) return Obstacle("It waits for $lock.", null)
            return held("$lock", info.lockOwnerId, loop, "thread '${info.lockOwnerName}'")
        }

        private fun ofVirtual(
            thread: Thread,
            loop: EventLoop,
        ): Obstacle? {
            if (thread.state != Thread.State.BLOCKED && LockSupport.getBlocker(thread)?.isOfLock != true) return null
            val dumped = if (Body.waitingOn(loop).size > MOST_TO_DUMP) null else DumpedLocks.of(thread)
            if (dumped != null) return held(dumped.lock, dumped.ownerId, loop, "thread #${dumped.ownerId}")
            return if (thread.state == Thread.State.BLOCKED) Obstacle("It waits for a monitor. $UNKNOWN", null) else null
        }

        /** The owner of [lock], by the identity of its thread; if it is not a waiting body of [loop], it is called [otherwise]. */
        private fun held(
            lock: String,
            ownerId: Long,
            loop: EventLoop,
            otherwise: String,
        ): Obstacle {
            val owner = Body.waitingOn(loop).find { it.thread?.id == ownerId }
            if (owner == null) return Obstacle("It waits for $lock, which $otherwise holds.", null)
            owner.nameThread()
            val name = "task '${owner.task?.name}' (thread '${owner.thread?.name}')"
            return Obstacle("It waits for $lock, which $name holds while it awaits: neither can continue.", owner)
        }

        private fun ofBlocker(thread: Thread): Obstacle? {
            val blocker = LockSupport.getBlocker(thread) ?: return null
            // Not its toString, which may wait for the same lock.
            val name = "${blocker.javaClass.name}@${Integer.toHexString(System.identityHashCode(blocker))}"
            return Obstacle("It waits for $name.${if (blocker.isOfLock) " $UNKNOWN" else ""}", null)
        }

        private val Any.isOfLock: Boolean
            get() = LOCKS.any { lock -> javaClass.enclosingClass?.let(lock::isAssignableFrom) == true }

        private val LOCKS = listOf(Lock::class.java, ReadWriteLock::class.java)

        /** A dump of more threads would take long. */
        private const val MOST_TO_DUMP = 10_000

        private const val UNKNOWN =
            "If another task holds it while that awaits, neither can continue; whose it is, the JVM does not tell here."
    }
}
