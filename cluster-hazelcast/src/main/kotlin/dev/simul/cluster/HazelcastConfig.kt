// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.config.Config
import org.slf4j.LoggerFactory
import org.slf4j.helpers.NOPLoggerFactory
import java.util.logging.Level
import java.util.logging.Logger

internal const val WORKS = "simul:works"
internal const val CANCELS = "simul:cancels"

/** Hazelcast's configuration of a member: it asks nobody but [members], tells nobody of itself, and listens on one address. */
internal fun configOf(
    name: String,
    members: List<String>,
    options: ClusterOptions,
): Config {
    val config = Config()
    config.clusterName = name
    config.classLoader = Thread.currentThread().contextClassLoader ?: ClusterWork::class.java.classLoader
    config.join(members, options)
    config.keepQuiet()
    config.setProperty("hazelcast.heartbeat.interval.seconds", "1")
    config.setProperty("hazelcast.max.no.heartbeat.seconds", "${options.heartbeatTimeout.inWholeSeconds}")
    config.setProperty("hazelcast.graceful.shutdown.max.wait", "30")
    config.memberAttributeConfig.apply { options.memberName?.let { setAttribute(MEMBER_NAME, it) } }
    config.getExecutorConfig(WORKS).setPoolSize(options.threads).isStatisticsEnabled = false
    config.getExecutorConfig(CANCELS).setPoolSize(1).isStatisticsEnabled = false
    // Members that have missed each other, or were cut off, meet again.
    config.setProperty("hazelcast.merge.first.run.delay.seconds", "10")
    config.setProperty("hazelcast.merge.next.run.delay.seconds", "10")
    options.configure(config)
    return config
}

private fun Config.join(
    members: List<String>,
    options: ClusterOptions,
) {
    networkConfig.port = options.port
    networkConfig.portCount = options.portCount
    // Of an address without a port, as many ports are asked as members may have; Hazelcast asks three.
    setProperty("hazelcast.tcp.join.port.try.count", "${options.portCount}")
    networkConfig.interfaces.setEnabled(true).addInterface(options.address)
    networkConfig.join.multicastConfig.isEnabled = false
    networkConfig.join.autoDetectionConfig.isEnabled = false
    networkConfig.join.tcpIpConfig.setEnabled(true).members = members
    // Otherwise it would listen on all addresses, whichever the interface is.
    setProperty("hazelcast.socket.bind.any", "false")
    // Multicast has to wait for others' answers; these members are asked one by one.
    setProperty("hazelcast.wait.seconds.before.join", "0")
}

private fun Config.keepQuiet() {
    setProperty("hazelcast.phone.home.enabled", "false")
    setProperty("hazelcast.shutdownhook.enabled", "false")
    setProperty("hazelcast.logging.type", loggingType())
    metricsConfig.isEnabled = false
}

/** SLF4J if it has a provider, as for the rest of this library; otherwise the JDK's, of which most show warnings alone. */
private fun loggingType(): String {
    if (startLogger.level == null) startLogger.level = Level.SEVERE
    if (LoggerFactory.getILoggerFactory() !is NOPLoggerFactory) return "slf4j"
    if (jdkLogger.level == null) jdkLogger.level = Level.WARNING
    return "jdk"
}

// A logger that nobody holds forgets its level.
private val jdkLogger = Logger.getLogger("com.hazelcast")

/** It asks for options of the JVM's that open the JDK's internals, for speed. Nothing here needs them. */
private val startLogger = Logger.getLogger("com.hazelcast.instance.impl.HazelcastInstanceFactory")
