// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.loop.EventLoop
import dev.simul.loop.OpenLoops
import dev.simul.observe.LoopMetrics
import dev.simul.observe.TaskTimes
import dev.simul.observe.metrics
import javax.management.Attribute
import javax.management.AttributeList
import javax.management.AttributeNotFoundException
import javax.management.DynamicMBean
import javax.management.ImmutableDescriptor
import javax.management.InstanceAlreadyExistsException
import javax.management.MBeanInfo
import javax.management.MBeanOperationInfo
import javax.management.MBeanServer
import javax.management.ObjectName
import javax.management.ReflectionException
import javax.management.openmbean.CompositeData
import javax.management.openmbean.OpenMBeanAttributeInfoSupport
import javax.management.openmbean.OpenMBeanInfoSupport
import javax.management.openmbean.OpenMBeanOperationInfoSupport
import javax.management.openmbean.OpenMBeanParameterInfoSupport
import javax.management.openmbean.OpenType
import javax.management.openmbean.SimpleType
import javax.management.openmbean.TabularData
import javax.management.openmbean.TabularDataSupport
import javax.management.openmbean.TabularType

/**
 * The MXBean `dev.simul:type=EventLoops`, by which other processes look at the loops of this JVM. Its records are written by hand, so that
 * nothing need be found by reflection.
 *
 * The operation `snapshot(stacks)` returns each loop with its tasks, and `attachTop(on)` tells that somebody looks for some seconds. The
 * attributes are the metrics of all loops together, and those of each in `Loops`.
 */
internal object EventLoopsBean : DynamicMBean {
    private const val NAME = "dev.simul:type=EventLoops"
    private const val MOST_COPIES = 100

    /** How long the loops may take to answer. */
    private const val PATIENCE_NANOS = 200_000_000L

    /** How long times stay exact after the last `attachTop`. */
    private const val TOP_LASTS_NANOS = 3_000_000_000L

    private val tableType = TabularType("Loops", "The loops of this JVM", LoopRow.type, arrayOf("id"))

    private class Figure(
        val name: String,
        val type: OpenType<*>,
        val description: String,
        val read: () -> Any,
    )

    private val figures =
        listOf(
            Figure("Loops", tableType, "The loops that are open", ::table),
            Figure("Turns", SimpleType.LONG, "Turns that the open loops have begun") { sum { it.turns } },
            Figure("LagNanos", SimpleType.LONG, "The longest lag of a loop") { loops.maxOfOrNull { it.metrics.lagNanos } ?: 0L },
            Figure("Ready", SimpleType.LONG, "Callbacks that are ready to run") { sum { it.ready.toLong() } },
            Figure("Tasks", SimpleType.LONG, "Tasks that are not done") { sum { it.tasks.toLong() } },
            Figure("Timers", SimpleType.LONG, "Timers that are neither due nor cancelled") { sum { it.timers.toLong() } },
            Figure("Connections", SimpleType.LONG, "Connections that are open") { sum { it.connections.toLong() } },
        )

    private val loops: List<EventLoop> get() = OpenLoops.all

    private inline fun sum(figure: (LoopMetrics) -> Long): Long = loops.sumOf { figure(it.metrics) }

    /** Other copies of this library, in other class loaders, may have registered theirs. */
    fun registerIn(server: MBeanServer): ObjectName {
        for (copy in 1..MOST_COPIES) {
            val name = ObjectName(if (copy == 1) NAME else "$NAME,copy=$copy")
            try {
                return server.registerMBean(this, name).objectName
            } catch (_: InstanceAlreadyExistsException) {
            }
        }
        throw InstanceAlreadyExistsException(NAME)
    }

    private fun table(): TabularData =
        TabularDataSupport(tableType).apply {
            for (loop in loops) put(row(loop))
        }

    private fun row(loop: EventLoop): CompositeData =
        with(loop.metrics) {
            LoopRow.of(
                "id" to loop.number,
                "thread" to loop.threadName,
                "state" to Activity.of(loop).word,
                "turns" to turns,
                "lagNanos" to lagNanos,
                "ready" to ready,
                "tasks" to tasks,
                "timers" to timers,
                "connections" to connections,
            )
        }

    private fun snapshot(withStacks: Boolean): Array<CompositeData> {
        val questions = loops.map { Question(it, withStacks) }
        val deadlineNanos = System.nanoTime() + PATIENCE_NANOS
        return questions.mapNotNull { it.answerBy(deadlineNanos) }.toTypedArray()
    }

    // As JMX calls it.

    override fun invoke(
        actionName: String,
        params: Array<out Any?>?,
        signature: Array<out String>?,
    ): Any? {
        val argument = params?.singleOrNull() as? Boolean
        return when {
            argument != null && actionName == "snapshot" -> snapshot(argument)
            argument != null && actionName == "attachTop" -> null.also { TaskTimes.exactlyFor(if (argument) TOP_LASTS_NANOS else 0) }
            else -> throw ReflectionException(NoSuchMethodException(actionName), "no operation $actionName(${signature?.joinToString()})")
        }
    }

    override fun getAttribute(attribute: String): Any =
        (figures.find { it.name == attribute } ?: throw AttributeNotFoundException("no attribute $attribute")).read()

    override fun getAttributes(attributes: Array<out String>): AttributeList =
        AttributeList().apply {
            for (figure in figures) if (figure.name in attributes) add(Attribute(figure.name, figure.read()))
        }

    override fun setAttribute(attribute: Attribute): Unit =
        throw AttributeNotFoundException("no attribute ${attribute.name} that can be set")

    override fun setAttributes(attributes: AttributeList): AttributeList = AttributeList()

    override fun getMBeanInfo(): MBeanInfo = info

    private val info =
        OpenMBeanInfoSupport(
            EventLoopsBean::class.java.name,
            "The event loops of this JVM",
            figures
                .map { OpenMBeanAttributeInfoSupport(it.name, it.description, it.type, true, false, false) }
                .toTypedArray(),
            null,
            arrayOf(
                operation("snapshot", "The loops and their tasks", "stacks", LoopRecord.arrayType, MBeanOperationInfo.INFO),
                operation("attachTop", "Exact times for the next three seconds", "on", SimpleType.VOID, MBeanOperationInfo.ACTION),
            ),
            null,
            ImmutableDescriptor("mxbean=true"),
        )

    private fun operation(
        name: String,
        description: String,
        argument: String,
        result: OpenType<*>,
        impact: Int,
    ) = OpenMBeanOperationInfoSupport(
        name,
        description,
        arrayOf(OpenMBeanParameterInfoSupport(argument, "Whether", SimpleType.BOOLEAN)),
        result,
        impact,
    )
}
