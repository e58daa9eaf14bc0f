// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import com.sun.tools.attach.VirtualMachine
import javax.management.MBeanServerConnection
import javax.management.ObjectName
import javax.management.openmbean.CompositeData
import javax.management.remote.JMXConnector
import javax.management.remote.JMXConnectorFactory
import javax.management.remote.JMXServiceURL

/** Looks into the JVM with that [pid], which was started as usual; for the tests of other modules too. */
class Outside(
    pid: Long,
) : AutoCloseable {
    private val connector: JMXConnector

    init {
        val jvm = VirtualMachine.attach("$pid")
        try {
            connector = JMXConnectorFactory.connect(JMXServiceURL(jvm.startLocalManagementAgent()))
        } finally {
            jvm.detach()
        }
    }

    private val server: MBeanServerConnection get() = connector.mBeanServerConnection

    val isRegistered: Boolean get() = server.isRegistered(LOOPS)

    /** Waits until the JVM has registered its MBean. */
    fun awaitRegistration() {
        val deadline = System.nanoTime() + MOST_NANOS
        while (!isRegistered) {
            check(System.nanoTime() < deadline) { "no $LOOPS in half a minute" }
            Thread.sleep(20)
        }
    }

    fun snapshot(stacks: Boolean = true): List<SeenLoop> =
        (server.invoke(LOOPS, "snapshot", arrayOf(stacks), arrayOf("boolean")) as Array<*>).map { SeenLoop(it as CompositeData) }

    fun attachTop(on: Boolean) {
        server.invoke(LOOPS, "attachTop", arrayOf(on), arrayOf("boolean"))
    }

    fun attribute(name: String): Any = server.getAttribute(LOOPS, name)

    override fun close() = connector.close()

    companion object {
        val LOOPS: ObjectName = ObjectName("dev.simul:type=EventLoops")
        private const val MOST_NANOS = 30_000_000_000L
    }
}

/** A loop in a snapshot. */
class SeenLoop(
    data: CompositeData,
) {
    val id = data["id"] as Int
    val thread = data["thread"] as String
    val state = data["state"] as String
    val isAnswer = data["answered"] as Boolean
    val busyNanos = data["busyNanos"] as Long
    val busyTask = data["busyTask"] as Long
    val busyStack = data.texts("busyStack")
    val exactTimes = data["exactTimes"] as Boolean
    private val metrics = data["metrics"] as CompositeData
    val turns = metrics["turns"] as Long
    val lagNanos = metrics["lagNanos"] as Long
    val numbers: Map<String, Int> = listOf("ready", "tasks", "timers", "connections").associateWith { metrics[it] as Int }
    val tasks: List<SeenTask> = (data["tasks"] as Array<*>).map { SeenTask(it as CompositeData) }

    fun task(name: String): SeenTask = tasks.single { it.name == name }

    /** The names of those that [task] awaits. */
    fun awaitedBy(task: String): List<String> = task(task).awaits.map { id -> tasks.single { it.id == id }.name }
}

/** A task in a snapshot. */
class SeenTask(
    data: CompositeData,
) {
    val id = data["id"] as Long
    val name = data["name"] as String
    val state = data["state"] as String
    val coroutine = data["coroutine"] as String
    val waitingFor = data["waitingFor"] as String?
    val awaits = (data["awaits"] as LongArray).toList()
    val cancelling = data["cancelling"] as Int
    val cancellation = data.texts("cancellation")
    val ageNanos = data["ageNanos"] as Long
    val timeOnLoopNanos = data["timeOnLoopNanos"] as Long
    val waitingNanos = data["waitingNanos"] as Long
    val stack = data.texts("stack")
}

private fun CompositeData.texts(key: String): List<String> = (get(key) as Array<*>).map { it as String }
