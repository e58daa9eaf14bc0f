// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** What keeps all virtual threads of a JVM on one thread, as tasks are. */
internal object OneCarrier {
    val OPTIONS = listOf("-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1")
}
