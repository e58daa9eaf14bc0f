// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/** What could happen now: pieces of work that hosts have given to their threads, and turns of their loops. */
internal class ReadyHosts {
    private val work = ArrayList<Ready>()
    private val turns = ArrayList<Ready>()

    /** Something that could happen now, and is code of [process]. */
    class Ready(
        val process: HostProcess,
        val action: () -> Unit,
    )

    /** The loop of [process] has something to do. */
    fun add(process: HostProcess) {
        if (process.isQueued) return
        process.isQueued = true
        turns += process.nextTurn
    }

    /** A thread of [process] has something to do. */
    fun add(
        process: HostProcess,
        work: Runnable,
    ) {
        this.work += Ready(process, work::run)
    }

    /** The loop of [process] does nothing for now. */
    fun remove(process: HostProcess) {
        if (process.isQueued) turns -= process.nextTurn
        process.isQueued = false
    }

    /** Neither the loop nor the threads of [process] do anything again. */
    fun forget(process: HostProcess) {
        remove(process)
        work.removeIf { it.process === process }
    }

    /** Takes one of all that could happen now, the one that [choose] says of so many; the threads of hosts that pause do nothing. */
    fun take(choose: (Int) -> Int): Ready? {
        val possible = if (work.any { it.process.host.isPaused }) work.filterNot { it.process.host.isPaused } else work
        val count = possible.size + turns.size
        if (count == 0) return null
        val chosen = choose(count)
        if (chosen < possible.size) return possible[chosen].also { work -= it }
        return turns.removeAt(chosen - possible.size).also { it.process.isQueued = false }
    }
}
