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
import javax.management.openmbean.OpenMBeanParameterInfo
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
 * The operation `snapshot(stacks)` returns each loop with its tasks, `snapshotWithStacksOf(tasks)` does so with the stacks of those tasks
 * alone, and `attachTop(on)` tells that somebody looks for some seconds. The attributes are the metrics of all loops together, and those of
 * each in `Loops`.
 */
internal object EventLoopsBean : DynamicMBean {
    private const val NAME = "dev.simul:type=EventLoops"
    private const val MOST_COPIES = 100

    /** How long the loops may take to answer. */
    private const val PATIENCE_NANOS = 200_000_000L

    /** How long times stay exact after the last `attachTop`. */
    private const val TOP_LASTS_NANOS = 3_000_000_000L

    private val tableType = TabularType("Loops", "The loops of this JVM", LoopRow.RECORD.type, arrayOf("id"))

    private val figures =
        listOf<Field<List<EventLoop>>>(
            Field("Loops", tableType, "The loops that are open", ::tableOf),
            sum("Turns", "Turns that the open loops have begun") { it.turns },
            Field("LagNanos", SimpleType.LONG, "The longest lag of a loop") { all -> all.maxOfOrNull { it.metrics.lagNanos } ?: 0L },
            sum("Ready", "Callbacks that are ready to run") { it.ready.toLong() },
            sum("Tasks", "Tasks that are not done") { it.tasks.toLong() },
            sum("Timers", "Timers that are neither due nor cancelled") { it.timers.toLong() },
            sum("Connections", "Connections that are open") { it.connections.toLong() },
        )

    private fun sum(
        name: String,
        description: String,
        figure: (LoopMetrics) -> Long,
    ) = Field<List<EventLoop>>(name, SimpleType.LONG, description) { all -> all.sumOf { figure(it.metrics) } }

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

    private fun tableOf(loops: List<EventLoop>): TabularData =
        TabularDataSupport(tableType).apply {
            for (loop in loops) put(LoopRow.RECORD.of(LoopRow(loop)))
        }

    private fun snapshot(wantsStack: (task: Long) -> Boolean): Array<CompositeData> {
        val questions = OpenLoops.all.map { Question(it, wantsStack) }
        val deadlineNanos = System.nanoTime() + PATIENCE_NANOS
        return questions.mapNotNull { it.answerBy(deadlineNanos) }.toTypedArray()
    }

    // As JMX calls it.

    override fun invoke(
        actionName: String,
        params: Array<out Any?>?,
        signature: Array<out String>?,
    ): Any? {
        val argument = params?.singleOrNull()
        return when {
            actionName == "snapshot" && argument is Boolean -> snapshot { argument }
            actionName == "snapshotWithStacksOf" && argument is LongArray -> snapshot(argument.toHashSet()::contains)
            actionName == "attachTop" && argument is Boolean -> null.also { TaskTimes.exactlyFor(if (argument) TOP_LASTS_NANOS else 0) }
            else -> throw ReflectionException(NoSuchMethodException(actionName), "no operation $actionName(${signature?.joinToString()})")
        }
    }

    override fun getAttribute(attribute: String): Any =
        (figures.find { it.name == attribute } ?: throw AttributeNotFoundException("no attribute $attribute")).read(OpenLoops.all)!!

    override fun getAttributes(attributes: Array<out String>): AttributeList =
        AttributeList().apply {
            for (figure in figures) if (figure.name in attributes) add(Attribute(figure.name, figure.read(OpenLoops.all)))
        }

    override fun setAttribute(attribute: Attribute): Unit =
        throw AttributeNotFoundException("no attribute ${attribute.name} that can be set")

    override fun setAttributes(attributes: AttributeList): AttributeList = AttributeList()

    override fun getMBeanInfo(): MBeanInfo = info

    private val stacks = OpenMBeanParameterInfoSupport("stacks", "Whether to read the stacks of the tasks", SimpleType.BOOLEAN)
    private val tasks = OpenMBeanParameterInfoSupport("tasks", "The ids of the tasks whose stacks to read", RecordType.LONGS)
    private val on = OpenMBeanParameterInfoSupport("on", "Whether somebody looks", SimpleType.BOOLEAN)

    private val info =
        OpenMBeanInfoSupport(
            EventLoopsBean::class.java.name,
            "The event loops of this JVM",
            figures
                .map { OpenMBeanAttributeInfoSupport(it.name, it.description, it.type, true, false, false) }
                .toTypedArray(),
            null,
            arrayOf(
                operation("snapshot", "The loops and their tasks, with all stacks or none", stacks, LoopReport.RECORD.arrayType),
                operation("snapshotWithStacksOf", "The loops and their tasks, with stacks of some", tasks, LoopReport.RECORD.arrayType),
                operation("attachTop", "Exact times for the next three seconds", on, SimpleType.VOID, MBeanOperationInfo.ACTION),
            ),
            null,
            ImmutableDescriptor("mxbean=true"),
        )

    private fun operation(
        name: String,
        description: String,
        parameter: OpenMBeanParameterInfo,
        result: OpenType<*>,
        impact: Int = MBeanOperationInfo.INFO,
    ) = OpenMBeanOperationInfoSupport(name, description, arrayOf(parameter), result, impact)
}
