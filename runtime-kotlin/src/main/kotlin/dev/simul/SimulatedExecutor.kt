// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.LibraryCode
import dev.simul.loop.SimulationApi
import dev.simul.loop.simulation
import java.util.concurrent.ExecutorService

/** The default executor of a simulated host: what it runs is done by the simulation's thread, and need not be waited for. */
@SimulationApi
public interface SimulatedExecutor : ExecutorService {
    /** Calls [callback] once, in the simulation's thread, when the executor is shut down and its work is done: now, if it is. */
    public fun whenTerminated(callback: () -> Unit)
}

/**
 * What a program asks for and no simulation can decide.
 *
 * @param what begins the message, as its subject.
 * @param remedy says what to do instead.
 */
@SimulationApi
public fun refusal(
    what: String,
    remedy: String,
): UnsupportedOperationException {
    val line = StackWalker.getInstance().walk { frames -> frames.map { it.toStackTraceElement() }.filter(LibraryCode::isUsers).findFirst() }
    val asked = line.map { ", asked for at ${it.className}.${it.methodName}(${it.fileName}:${it.lineNumber})" }.orElse("")
    return UnsupportedOperationException("$what cannot be part of a simulation$asked: $remedy")
}

/** @throws UnsupportedOperationException if this loop is part of a simulation. */
internal fun EventLoop.refuseInSimulation(
    what: String,
    remedy: String,
) {
    if (simulation != null) throw refusal(what, remedy)
}
