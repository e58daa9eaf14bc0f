// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Bindings
import dev.simul.context.Context
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import java.lang.invoke.VarHandle

/**
 * A coroutine that runs on a loop, taking turns with others; made by [createTask].
 *
 * The loop keeps a pending task alive: you need not hold a reference. (CPython's loop does not, see its issue 91887.)
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
    /** The [Context], if it was given or has been read; otherwise the [Bindings] that it will begin with. */
    private var variables: Any = context ?: loop.currentBindings

    /** The number in the name of a task that has no other name; 0 if it was made with one. */
    internal val number: Int = if (name == null) loop.taskNumbers.next() else 0

    /** Null for most tasks: see [TaskExtras]. */
    private var extras: TaskExtras? = name?.let { TaskExtras(if (loop.isRunning) loop.observer.ticks else 0).apply { this.name = it } }

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

    /** The [context], or null if it was not made yet. */
    internal val contextOrNull: Context? get() = variables as? Context

    /** The bindings that the [context] has, or will have when it is made. */
    internal val bindings: Bindings
        get() {
            val variables = variables // Another thread may change it.
            return if (variables is Context) variables.bindings else variables as Bindings
        }

    /** Another thread may call this at the same time, and readers take no lock: they must not see a half-made context. */
    private fun makeContext(): Context =
        synchronized(step) {
            contextOrNull ?: Context(bindings).also {
                VarHandle.releaseFence()
                variables = it
            }
        }

    /** The [extras], made if there are none. */
    private fun needExtras(): TaskExtras = extras ?: synchronized(step) { extras ?: TaskExtras().also { extras = it } }

    /** The task's object in another language. */
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

    /** When the task was made, if it was made with a name and while its loop ran; otherwise 0. See [dev.simul.loop.LoopObserver.ticks]. */
    internal val madeAtTick: Int get() = extras?.madeAtTick ?: 0

    /** The name that was given to the task. */
    internal val givenName: String? get() = extras?.name

    /** The task's name: `Task-1`, `Task-2`, … unless you set one. Source: `Task.get_name()`, `Task.set_name()`. */
    public var name: String
        get() = givenName ?: nameOfTask(number)
        set(value) {
            needExtras().name = value
        }

    /**
     * Asks the task to stop: its current await throws a [CancelledException] once, and the awaited object is cancelled.
     *
     * The task may catch the exception and continue. A task that has not started never starts; a task that cancels itself and ends without
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
     * Takes back one request to [cancel]; taking back the last one withdraws a cancellation that was not delivered yet.
     *
     * Source: `Task.uncancel()`.
     *
     * @return how many requests are left.
     */
    public fun uncancel(): Int = step.uncancel()

    /** Always throws: only its coroutine completes a task. */
    override fun setResult(value: T): Unit = throw IllegalStateException("Task does not support setResult operation: $this")

    /** Always throws: only its coroutine completes a task. */
    override fun setException(exception: Throwable): Unit =
        throw IllegalStateException("Task does not support setException operation: $this")

    override fun describeKind(): String = "Task"

    override fun describeWait(): String = "task $name"

    override val waitKind: String get() = "a task"

    override fun toString(): String {
        val cancelling = if (cancelling() > 0 && !done()) " cancelling" else ""
        val waiter = step.waiter?.let { " wait_for=${it.describeWait()}" }.orEmpty()
        return "<Task $name ${describeState()}$cancelling$waiter>"
    }

    /** Describes what the task waits for, for the report of a deadlock. */
    internal fun describeStuck(): String = "$name waits for ${describeWaiter()}"

    private fun describeWaiter() = step.waiter?.describeWait() ?: WAIT_OUTSIDE

    /** Describes what the task does now. */
    internal fun describeNow(): String =
        when {
            done() -> "done"
            step.scheduled -> "ready"
            step.isCurrent -> "running"
            else -> "waiting for ${step.waiter?.describeWaitNow() ?: WAIT_OUTSIDE}"
        }
}

/** The name of a task with that [number] to which no other was given. */
internal fun nameOfTask(number: Int): String = "Task-${number.toUInt()}"

/** What a task waits for that waits for none of our futures. */
internal const val WAIT_OUTSIDE = "code outside this library"

/** State that most tasks do not need: a name given to the task, its object in another language, and in the room that these leave, a time. */
internal class TaskExtras(
    val madeAtTick: Int = 0,
) {
    var name: String? = null
    var face: Any? = null
}
