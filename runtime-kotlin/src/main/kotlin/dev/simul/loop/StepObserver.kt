// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/** Is told of the turns of a loop, and of the callbacks that run in them; called in the loop's thread. */
internal interface StepObserver {
    /** A turn begins to run [ready] callbacks. */
    fun turnBegins(ready: Int)

    fun stepBegins(callback: Callback)

    /** What [callback] has begun is over, also what it has continued on another stack. It has taken [nanos] by the machine's clock. */
    fun stepEnds(
        callback: Callback,
        nanos: Long,
    )
}

private val changes = Any()

/** Tells [observer] of each step from now on, beside others. Any thread may call this; the loop sees it soon. */
internal fun EventLoop.observeSteps(observer: StepObserver): Unit =
    synchronized(changes) {
        val others = stepObserver.all() - observer
        stepObserver = if (others.isEmpty()) observer else StepObservers(others + observer)
    }

/** Takes back an [observeSteps]. */
internal fun EventLoop.stopObservingSteps(observer: StepObserver): Unit =
    synchronized(changes) {
        val others = stepObserver.all() - observer
        stepObserver = if (others.size > 1) StepObservers(others) else others.firstOrNull()
    }

/** Whether [observer] is told of each step. */
internal fun EventLoop.areStepsObservedBy(observer: StepObserver): Boolean = observer in stepObserver.all()

private fun StepObserver?.all(): List<StepObserver> = (this as? StepObservers)?.all ?: listOfNotNull(this)

private class StepObservers(
    val all: List<StepObserver>,
) : StepObserver {
    override fun turnBegins(ready: Int) = all.forEach { it.turnBegins(ready) }

    override fun stepBegins(callback: Callback) = all.forEach { it.stepBegins(callback) }

    override fun stepEnds(
        callback: Callback,
        nanos: Long,
    ) = all.forEach { it.stepEnds(callback, nanos) }
}
