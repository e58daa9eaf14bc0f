// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.sun.tools.attach.AttachNotSupportedException
import com.sun.tools.attach.VirtualMachine
import java.io.IOException
import javax.management.InstanceNotFoundException
import javax.management.MBeanServerConnection
import javax.management.ObjectName
import javax.management.OperationsException
import javax.management.ReflectionException
import javax.management.remote.JMXConnector
import javax.management.remote.JMXConnectorFactory
import javax.management.remote.JMXServiceURL
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * The event loops of another JVM of this machine, asked by the bean that this library registers there. The JVM needs no flag: it starts its
 * management agent when it is attached to, and prints nothing.
 *
 * All of it throws a [Refusal] where there is nothing to be had.
 */
internal class ObservedJvm(
    val pid: Long,
    private val server: MBeanServerConnection,
) {
    /** The loops that run, and their tasks, with their stacks if these are asked for. */
    fun loops(stacks: Boolean): List<LoopSnapshot> = loopsIn(answersTo("snapshot", "boolean") { stacks })

    /** The loops that run, and their tasks, with the stacks of those whose ids are among [tasks]. */
    fun loopsWithStacksOf(tasks: Set<Long>): List<LoopSnapshot> =
        if (tasks.isEmpty()) {
            loops(stacks = false)
        } else {
            loopsIn(answersTo("snapshotWithStacksOf", "[J") { copy -> idsInCopy(tasks, copy) })
        }

    private fun loopsIn(answers: List<Any?>): List<LoopSnapshot> =
        answers.flatMapIndexed { copy, answer -> Composite.compositesOf(answer).map { loopOf(it).ofCopy(copy) } }

    /** The same, but waits a while for a loop: the bean appears a moment after the first loop has begun to run. */
    fun loopsOnceThereAre(
        stacks: Boolean,
        patience: Duration = PATIENCE,
    ): List<LoopSnapshot> {
        val deadline = TimeSource.Monotonic.markNow() + patience
        while (true) {
            val loops = runCatching { loops(stacks) }
            val isThere = loops.getOrNull()?.isNotEmpty() ?: ((loops.exceptionOrNull() as? Refusal)?.why != Why.NO_LOOP)
            if (isThere) return loops.getOrThrow()
            if (deadline.hasPassedNow()) {
                loops.getOrThrow()
                throw Refusal(Why.NO_LOOP, "process $pid runs no event loop now")
            }
            Thread.sleep(PAUSE.inWholeMilliseconds)
        }
    }

    /** Has times on the loop measured for some seconds from now, where the program can do that. */
    fun measureTimes() {
        try {
            answersTo("attachTop", "boolean") { true }
        } catch (e: Refusal) {
            if (e.cause !is OperationsException && e.cause !is ReflectionException) throw e
        }
    }

    /** Of each copy of the library that the program has, in class loaders of their own; mostly there is one. */
    private fun answersTo(
        operation: String,
        type: String,
        argument: (copy: Int) -> Any,
    ): List<Any?> =
        answerOf(pid) {
            try {
                val beans = server.queryNames(BEANS, null).sortedBy { it.canonicalName.length }
                if (beans.isEmpty()) throw noBean(null)
                beans.mapIndexed { copy, bean -> server.invoke(bean, operation, arrayOf(argument(copy)), arrayOf(type)) }
            } catch (e: InstanceNotFoundException) {
                throw noBean(e)
            }
        }

    private fun noBean(cause: Exception?) =
        Refusal(
            Why.NO_LOOP,
            "process $pid runs no event loop of Simul, or one of a version that cannot be looked into, or has -Dsimul.jmx=false",
            cause,
        )

    companion object {
        private val BEANS = ObjectName("dev.simul:type=EventLoops,*")
        private val PATIENCE = 3.seconds
        private val PAUSE = 50.milliseconds

        fun attach(pid: Long): ObservedJvm {
            obstacleTo(factsOf(pid))?.let { throw it }
            val address = answerOf(pid) { addressOf(pid) }
            return ObservedJvm(pid, answerOf(pid) { connect(address) })
        }

        /** A JVM that has just begun does not know the signal yet by which one attaches. */
        private fun factsOf(pid: Long): ProcessFacts {
            val deadline = TimeSource.Monotonic.markNow() + PATIENCE
            while (true) {
                val facts = ProcessFacts.of(pid)
                if (!facts.exists || !facts.wouldDie || deadline.hasPassedNow()) return facts
                Thread.sleep(PAUSE.inWholeMilliseconds)
            }
        }

        private fun addressOf(pid: Long): String {
            val machine =
                try {
                    VirtualMachine.attach("$pid")
                } catch (e: AttachNotSupportedException) {
                    throw if (ProcessFacts.of(pid).exists) noAttaching(pid, e) else gone(pid, e)
                }
            return try {
                machine.startLocalManagementAgent() ?: throw noAgent(pid, null)
            } catch (e: IOException) {
                throw if (ProcessFacts.of(pid).exists) noAgent(pid, e) else ended(pid)
            } finally {
                runCatching { machine.detach() }
            }
        }

        private fun connect(address: String): MBeanServerConnection {
            // It would ask from time to time whether the other side is still there.
            val environment = mapOf("jmx.remote.x.client.connection.check.period" to 0L)
            val connector: JMXConnector = JMXConnectorFactory.connect(JMXServiceURL(address), environment)
            return connector.mBeanServerConnection
        }

        private fun noAttaching(
            pid: Long,
            cause: Exception,
        ) = Refusal(
            Why.NOT_ATTACHABLE,
            "cannot attach to process $pid (${cause.oneLine()}): it may have been started with -XX:+DisableAttachMechanism",
            cause,
        )

        private fun noAgent(
            pid: Long,
            cause: Exception?,
        ) = Refusal(
            Why.NO_AGENT,
            "the JVM of process $pid starts no management agent${cause?.let { " (${it.oneLine()})" }.orEmpty()}: " +
                "an image by jlink needs --add-modules jdk.management.agent",
            cause,
        )
    }
}

/** Copies of the library count their tasks apart. */
private fun LoopSnapshot.ofCopy(copy: Int): LoopSnapshot {
    fun apart(id: Long) = id + (copy.toLong() shl COPY_BITS)
    if (copy == 0) return this
    return copy(busyTask = busyTask?.let(::apart), tasks = tasks.map { it.copy(id = apart(it.id), awaits = it.awaits.map(::apart)) })
}

/** Those of [ids] that [ofCopy] has made of tasks of that copy, as they are there. */
private fun idsInCopy(
    ids: Set<Long>,
    copy: Int,
): LongArray = ids.filter { (it shr COPY_BITS).toInt() == copy }.map { it - (copy.toLong() shl COPY_BITS) }.toLongArray()

private const val COPY_BITS = 32

internal fun Throwable.oneLine(): String = (message ?: javaClass.simpleName).lineSequence().joinToString(" ") { it.trim() }.trim()
