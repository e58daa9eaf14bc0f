// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import java.nio.file.Path

/** How to start a worker in a JVM like this one. */
internal object WorkerProcess {
    @JvmField
    val JAVA: String = "${Path.of(System.getProperty("java.home"), "bin", "java")}"

    /** The arguments of [JAVA] for the worker that class [main] is, with the queue in [folder]. */
    @JvmStatic
    fun arguments(
        main: String,
        folder: Path,
    ): Array<String> = arrayOf(*FLAGS, "-cp", System.getProperty("java.class.path"), main, "$folder")

    private val FLAGS =
        arrayOf(
            *arrayOf("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
            *arrayOf("--add-opens=java.base/java.lang=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED"),
        )
}
