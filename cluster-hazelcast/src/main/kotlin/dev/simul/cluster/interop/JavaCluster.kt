// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaCluster")

package dev.simul.cluster.interop

import com.hazelcast.config.Config
import dev.simul.FacadeApi
import dev.simul.cluster.ClusterOptions
import java.time.Duration
import java.util.function.Consumer
import kotlin.time.toKotlinDuration

/** A [ClusterOptions]: Java cannot call functions with Kotlin's durations. */
@FacadeApi
public fun clusterOptions(
    address: String,
    port: Int,
    portCount: Int,
    memberName: String?,
    threads: Int,
    maxPending: Int,
    heartbeatTimeout: Duration,
    configure: Consumer<Config>,
): ClusterOptions =
    ClusterOptions(
        address,
        port,
        portCount,
        memberName,
        threads,
        maxPending,
        heartbeatTimeout.toKotlinDuration(),
        configure::accept,
    )
