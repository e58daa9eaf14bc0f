// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.AsyncContextManager

/** An asynchronous context manager of a program. */
internal class RunningManager(
    private val machine: Machine,
    private val spec: ManagerBody,
) : AsyncContextManager<Unit> {
    override suspend fun aenter() {
        machine.log("entering")
        machine.block(spec.enter, Frame())
        machine.log("entered")
    }

    override suspend fun aexit(exception: Throwable?): Boolean {
        machine.log("leaving " + show(exception))
        machine.block(spec.exit, Frame())
        return exception != null && spec.suppress?.matches(exception) == true
    }
}
