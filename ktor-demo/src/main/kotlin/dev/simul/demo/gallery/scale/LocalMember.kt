// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import dev.simul.aclosing
import dev.simul.cluster.Cluster
import dev.simul.cluster.ClusterOptions
import dev.simul.toThread
import java.io.File
import dev.simul.run as runLoop

/** A member in a JVM of its own, for one program; it ends with that, since it reads a pipe from it. Starting and closing it blocks. */
internal class LocalMember private constructor(
    cluster: String,
    members: List<String>,
    name: String,
) : AutoCloseable {
    private val process =
        ProcessBuilder(
            listOf(File(System.getProperty("java.home"), "bin/java").path, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1") +
                listOf("-cp", System.getProperty("java.class.path"), LocalMember::class.java.name) +
                listOf(cluster, name, members.joinToString(",")),
        ).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()

    /** As `kill -9` does. */
    fun kill() {
        process.destroyForcibly()
    }

    override fun close() {
        process.destroyForcibly().waitFor()
    }

    internal companion object {
        /** Starts one, which joins in a while. */
        @JvmStatic
        fun start(
            cluster: String,
            members: List<String>,
            name: String,
        ): LocalMember = LocalMember(cluster, members, name)

        /** What it runs. */
        @JvmStatic
        fun main(arguments: Array<String>) {
            val (cluster, name, members) = arguments
            runLoop {
                aclosing(Cluster.start(cluster, members.split(","), ClusterOptions(memberName = name))) { toThread { System.`in`.read() } }
            }
        }
    }
}
