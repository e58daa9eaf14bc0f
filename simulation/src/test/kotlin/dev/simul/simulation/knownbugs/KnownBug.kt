// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.simulation.Simulation
import dev.simul.waitFor

/**
 * A mistake that a library has had, planted in a copy, and a program of a user's that suffers from it now and then.
 *
 * @property seeds it is found within that many.
 * @property wrong the program with the copy.
 * @property right the same program with what Simul has.
 */
internal class KnownBug(
    val name: String,
    val seeds: Int,
    val wrong: suspend Simulation.() -> Unit,
    val right: suspend Simulation.() -> Unit,
)

internal val knownBugs =
    listOf(
        KnownBug(
            "a timeout swallows a cancellation",
            seeds = 100,
            wrong = { stoppedPoller { limit, block -> waitForInTask(limit, block) } },
            right = { stoppedPoller { limit, block -> waitFor(limit, block) } },
        ),
        KnownBug(
            "a notification is lost",
            seeds = 100,
            wrong = { dismissedWorker(LossyCondition()) },
            right = { dismissedWorker(RightCondition()) },
        ),
        KnownBug(
            "a wake-up is lost",
            seeds = 100,
            wrong = { impatientClients(ForgetfulSemaphore(1)) },
            right = { impatientClients(RightSemaphore(1)) },
        ),
        KnownBug(
            "a waiter is overtaken",
            seeds = 100,
            wrong = { letterAmongPages(OvertakenSemaphore(1)) },
            right = { letterAmongPages(RightSemaphore(1)) },
        ),
        KnownBug(
            "a nested task group swallows a cancellation",
            seeds = 100,
            wrong = { sessionWithHeartbeat(::forgetfulTaskGroup) },
            right = { sessionWithHeartbeat(::rightTaskGroup) },
        ),
        KnownBug(
            "a result is lost",
            seeds = 100,
            wrong = { impatientClients(Pool(1) { inOtherContext { it.get() } }) },
            right = { impatientClients(Pool(1) { it.get() }) },
        ),
    )
