// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Bindings
import dev.simul.context.Context
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import java.lang.invoke.VarHandle

/**
 * A coroutine that runs on a loop, taking turns with the others; made by [createTask].
 *
 * The loop keeps a pending task alive: nobody else needs to. (CPython's loop does not, see its issue 91887.)
 *
 * Source: `asyncio.Task(coro, *, loop=None, name=None, context=None, eager_start=False)`.
 *
 * @property context the context variables of the coroutine. Source: `Task.get_context()`.
 */
public class Task<T> internal constructor(
    coroutine: suspend () -> T,
    loop: EventLoop,
    name: String? = null,
    context: Context? = null,
    eagerStart: Boolean = false,
    registry: TaskRegistry = TaskRegistry[loop],
) : Future<T>(loop) {
    /** The [Context], if it was given or somebody has asked for it; or else the [Bindings] that it will begin with. */
    private var variables: Any = context ?: loop.currentBindings

    private val number = if (name == null) loop.taskNumbers.next() else 0

    /** Null for most tasks: see [TaskExtras]. */
    private var extras: TaskExtras? = name?.let { TaskExtras().apply { this.name = it } }

    internal val step: TaskStep<T> = TaskStep(this, coroutine)

    init {
        if (eagerStart && loop.isInLoop) {
            startEagerly(registry)
        } else {
            step.schedule()
            registry.add(step)
        }
    }

    public val context: Context get() = contextOrNull ?: makeContext()

    /** The [context], unless it is still to be made. */
    internal val contextOrNull: Context? get() = variables as? Context

    /** What the [context] holds, or will hold when it is made. */
    internal val bindings: Bindings
        get() {
            val variables = variables // Another thread may have it changed.
            return if (variables is Context) variables.bindings else variables as Bindings
        }

    /** Another thread may ask at the same time, and readers take no lock: they must not see a context that is half made. */
    private fun makeContext(): Context =
        synchronized(step) {
            contextOrNull ?: Context(bindings).also {
                VarHandle.releaseFence()
                variables = it
            }
        }

    /** The [extras], made if there are none. */
    private fun needExtras(): TaskExtras = extras ?: synchronized(step) { extras ?: TaskExtras().also { extras = it } }

    /** What the task is in another language. */
    internal var face: Any?
        get() = extras?.face
        set(value) {
            needExtras().face = value
        }

    private fun startEagerly(registry: TaskRegistry) {
        val context = contextOrNull
        check(context == null || !loop.current.hasEntered(context)) {
            "cannot start $this eagerly in the context that is entered now: leave out context, or eagerStart"
        }
        registry.add(step)
        step.startEagerly()
    }

    /** What the task is called: `Task-1`, `Task-2`, … unless it was named. Source: `Task.get_name()`, `Task.set_name()`. */
    public var name: String
        get() = extras?.name ?: "Task-${number.toUInt()}"
        set(value) {
            needExtras().name = value
        }

    /**
     * Asks the task to stop: a [CancelledException] is thrown once, at its current await, which cancels what is awaited.
     *
     * The task may catch it and go on. A task that has not started never does; one that cancels itself and ends without
     * awaiting ends cancelled; several requests before it runs again are delivered as one.
     *
     * Source: `Task.cancel(msg=None)`.
     *
     * @return false if the task is done already.
     */
    override fun cancel(message: String?): Boolean {
        markRetrieved()
        return !done() && step.cancel(message)
    }

    /** How many requests to [cancel] were not taken back by [uncancel]. Source: `Task.cancelling()`. */
    public fun cancelling(): Int = step.cancelling

    /**
     * Takes one request to [cancel] back; with the last one, a cancellation that was not delivered yet is withdrawn.
     *
     * Source: `Task.uncancel()`.
     *
     * @return how many requests are left.
     */
    public fun uncancel(): Int = step.uncancel()

    /** Always refused: only its coroutine completes a task. */
    override fun setResult(value: T): Unit = throw IllegalStateException("Task does not support setResult operation: $this")

    /** Always refused: only its coroutine completes a task. */
    override fun setException(exception: Throwable): Unit =
        throw IllegalStateException("Task does not support setException operation: $this")

    override fun describeKind(): String = "Task"

    override fun describeWait(): String = "task $name"

    override fun toString(): String {
        val cancelling = if (cancelling() > 0 && !done()) " cancelling" else ""
        val waiter = step.waiter?.let { " wait_for=${it.describeWait()}" }.orEmpty()
        return "<Task $name ${describeState()}$cancelling$waiter>"
    }

    /** What the task waits for, for the report of a deadlock. */
    internal fun describeStuck(): String = "$name waits for ${step.waiter?.describeWait() ?: "code outside this library"}"
}

/** What most tasks never have: a name of their own, a face in another language. */
internal class TaskExtras {
    var name: String? = null
    var face: Any? = null
}
