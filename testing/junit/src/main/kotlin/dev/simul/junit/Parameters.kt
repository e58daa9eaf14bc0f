// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.facade.Asyncio
import dev.simul.loop.EventLoop
import dev.simul.loop.getEventLoop
import dev.simul.loop.setEventLoop
import dev.simul.testing.ReportedErrors
import dev.simul.testing.TestRunner
import dev.simul.testing.VirtualClock
import dev.simul.testing.network.MemoryNetwork
import org.junit.jupiter.api.extension.ParameterResolutionException
import dev.simul.facade.EventLoop as FacadeLoop
import dev.simul.facade.VirtualClock as FacadeClock

/** What the methods of a test may take. */
internal object Parameters {
    private val OWN = setOf(EventLoop::class.java, VirtualClock::class.java, ReportedErrors::class.java, MemoryNetwork::class.java)

    /** The facade's classes may be absent, so they are known by name until a method takes one. */
    private val FACADES = setOf("dev.simul.facade.EventLoop", "dev.simul.facade.VirtualClock")

    fun supports(type: Class<*>): Boolean = type in OWN || type.name in FACADES

    fun of(
        runner: TestRunner,
        type: Class<*>,
    ): Any =
        when (type) {
            EventLoop::class.java -> runner.loop
            VirtualClock::class.java -> clockOf(runner)
            ReportedErrors::class.java -> runner.errors
            MemoryNetwork::class.java -> networkOf(runner)
            else -> Facades.of(runner, type)
        }

    private fun clockOf(runner: TestRunner): VirtualClock =
        runner.clock ?: throw ParameterResolutionException("this test runs in real time, and has no VirtualClock: take the EventLoop")

    private fun networkOf(runner: TestRunner): MemoryNetwork =
        runner.clock?.selectorProvider as? MemoryNetwork
            ?: throw ParameterResolutionException(
                "this test has the system's sockets, and no MemoryNetwork: set network = TestNetwork.MEMORY",
            )

    private object Facades {
        fun of(
            runner: TestRunner,
            type: Class<*>,
        ): Any {
            if (type == FacadeLoop::class.java) return loopOf(runner)
            clockOf(runner)
            return FacadeClock.of(loopOf(runner))
        }

        private fun loopOf(runner: TestRunner): FacadeLoop {
            val previous = runCatching { getEventLoop() }.getOrNull()
            setEventLoop(runner.loop)
            try {
                return Asyncio.getEventLoop()
            } finally {
                setEventLoop(previous)
            }
        }
    }
}
