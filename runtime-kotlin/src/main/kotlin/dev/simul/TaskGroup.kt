// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Context
import dev.simul.exceptions.BaseExceptionGroup
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.isCancellation
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.Link
import dev.simul.loop.LinkedQueue
import dev.simul.loop.getRunningLoop
import dev.simul.loop.isFatal
import kotlin.coroutines.coroutineContext
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext

/**
 * Runs [block], and waits until all tasks that it made in the group are done.
 *
 * The first failure, of a task or of the block, cancels all the others and the block; then all failures are thrown as one
 * [ExceptionGroup], in the order they happened. Cancelling the calling task cancels all of them.
 *
 * Source: `async with asyncio.TaskGroup() as group`.
 *
 * @throws BaseExceptionGroup if tasks or the block failed, even if only one did; a fatal error is thrown bare.
 * @throws IllegalStateException outside a task.
 */
public suspend inline fun <R> taskGroup(block: (TaskGroup) -> R): R {
    val group = TaskGroup()
    group.enter()
    return useRethrowing(group, block) { group.leave(it) }
}

/**
 * A group of tasks that end together; see [taskGroup].
 *
 * Source: `asyncio.TaskGroup()`.
 */
public class TaskGroup : AsyncContextManager<TaskGroup> {
    private var state = State.CREATED
    private var loop: EventLoop? = null
    private var parent: Task<*>? = null
    private val members = LinkedQueue<Member>()
    private var errors: ArrayList<Throwable>? = null
    private var fatalError: Throwable? = null
    private var onCompleted: Future<Unit>? = null

    /**
     * Runs [coroutine] as a task of this group.
     *
     * Source: `TaskGroup.create_task(coro, *, name=None, context=None, eager_start=None)`.
     *
     * @throws IllegalStateException before the group's block, when all has ended, and while the group is shutting down.
     */
    public fun <T> createTask(
        name: String? = null,
        context: Context? = null,
        eagerStart: Boolean? = null,
        coroutine: suspend () -> T,
    ): Task<T> {
        check(state != State.CREATED) { "$this has not been entered: create its tasks inside its block" }
        check(!state.hasLeft || !members.isEmpty()) { "$this is finished: create its tasks inside its block" }
        check(!state.isAborting) { "$this is shutting down: one of its tasks has failed, or its parent was cancelled" }
        val task = loop!!.createTask(name, context, eagerStart, coroutine)
        val member = Member(this, task)
        members.add(member)
        task.addCallback(member)
        return task
    }

    /** As the other [createTask]; a coroutine that is refused is closed. */
    public fun <T> createTask(
        coroutine: Coroutine<T>,
        name: String? = null,
        context: Context? = null,
        eagerStart: Boolean? = null,
    ): Task<T> =
        try {
            createTask(name, context, eagerStart, coroutine.take())
        } finally {
            coroutine.close()
        }

    /** Begins the group. Source: `TaskGroup.__aenter__`. */
    override suspend fun aenter(): TaskGroup = also { enter() }

    /** Waits for the group's tasks and throws what they threw. Source: `TaskGroup.__aexit__`. */
    override suspend fun aexit(exception: Throwable?): Boolean {
        leave(exception)
        return false
    }

    @PublishedApi
    internal fun enter() {
        check(state == State.CREATED) { "$this has already been entered: make a new group for each block" }
        val loop = getRunningLoop()
        parent = TaskRegistry[loop].current?.task ?: throw IllegalStateException(
            "$this cannot determine the parent task: use it inside a task",
        )
        this.loop = loop
        state = State.ENTERED
    }

    /** The end of the block, which threw [exception] or nothing: throws what the group makes of it, if it makes anything. */
    @PublishedApi
    internal suspend fun leave(exception: Throwable?) {
        when (state) {
            State.ENTERED -> state = State.EXITING
            State.INTERRUPTING -> state = State.INTERRUPTED
            else -> {}
        }
        if (exception == null && members.isEmpty() && errors == null) return
        try {
            leaveWith(exception)
        } finally {
            parent = null
            errors = null
        }
    }

    /** Inlined, as [awaitMembers] is: so the wait has one frame instead of three. */
    @Suppress("NOTHING_TO_INLINE")
    private suspend inline fun leaveWith(exception: Throwable?) {
        if (exception != null && exception.isFatal && fatalError == null) fatalError = exception
        var cancellation = exception?.takeIf { it.isCancellation }
        if (exception != null && !state.isAborting) abort(State.ABORTING)
        while (!members.isEmpty()) {
            try {
                awaitMembers(onCompleted ?: GroupFuture(this).also { onCompleted = it })
            } catch (e: CancellationException) {
                if (!state.isAborting) {
                    cancellation = e
                    abort(State.ABORTING)
                }
            }
            onCompleted = null
        }
        fatalError?.let { throw it }
        // The request that this group made is taken back; if it was the only one, its cancellation ends here.
        if (state == State.INTERRUPTED && parent!!.uncancel() == 0) cancellation = null
        if (cancellation != null && errors == null) throw cancellation
        if (exception != null && !exception.isCancellation) addError(exception)
        errors?.let { throwErrors(it) }
    }

    /**
     * Waits for the last member. A kotlinx scope around the group stays cancelled, and would never wait: once the members were
     * cancelled too, there is nothing that another cancellation could do.
     */
    @Suppress("NOTHING_TO_INLINE")
    private suspend inline fun awaitMembers(completion: Future<Unit>) {
        if (state.isAborting && coroutineContext.ownStep == null) {
            withContext(NonCancellable) { completion.await() }
        } else {
            completion.await()
        }
    }

    private fun throwErrors(errors: List<Throwable>): Nothing {
        val parent = parent!!
        if (parent.cancelling() > 0) {
            // Cancelled from outside too: the request is made again, for the parent's next await, and the count kept.
            parent.uncancel()
            parent.cancel()
        }
        throw BaseExceptionGroup.of("unhandled errors in a TaskGroup", errors)
    }

    private fun abort(state: State) {
        this.state = state
        members.forEach { if (!it.task.done()) it.task.cancel() }
    }

    private fun addError(error: Throwable) {
        (errors ?: ArrayList<Throwable>(1).also { errors = it }).add(error)
    }

    private fun memberDone(member: Member) {
        members.remove(member)
        val waiter = onCompleted
        if (waiter != null && members.isEmpty() && !waiter.done()) waiter.complete(Unit)
        val task = member.task
        if (task.cancelled()) return
        val error = task.exception() ?: return
        task.loop.current.runDetached { memberFailed(task, error) }
    }

    /** It cancels others, and may report, which can be code of users: on behalf of nobody. */
    private fun memberFailed(
        task: Task<*>,
        error: Throwable,
    ) {
        addError(error)
        if (error.isFatal && fatalError == null) fatalError = error
        val parent = parent
        if (parent == null || parent.done()) {
            reportOrphan(task, error)
        } else if (!state.isAborting) {
            // The parent is cancelled to interrupt the block, not because anybody wants it to end: see leaveWith.
            abort(if (state.hasLeft) State.INTERRUPTED else State.INTERRUPTING)
            parent.cancel()
        }
    }

    private fun reportOrphan(
        task: Task<*>,
        error: Throwable,
    ) = task.loop.callExceptionHandler(
        ExceptionContext(
            "$task has failed, but its parent task is already completed",
            error,
            mapOf("task" to task),
            runIn = task.context,
        ),
    )

    internal fun describeWait(): String {
        val names = ArrayList<String>()
        members.forEach { names += it.task.name }
        return "the end of the task group's ${names.joinToString()}"
    }

    override fun toString(): String {
        val tasks = if (members.isEmpty()) "" else " tasks=${members.size}"
        val failures = errors?.let { " errors=${it.size}" }.orEmpty()
        val state =
            when {
                state.isAborting -> " cancelling"
                state == State.CREATED -> ""
                else -> " entered"
            }
        return "<TaskGroup$tasks$failures$state>"
    }

    private enum class State {
        CREATED,

        /** In the block. */
        ENTERED,

        /** In the block, which is interrupted by a cancellation of the parent, since a member has failed. */
        INTERRUPTING,

        /** The block has ended, and the members are waited for. */
        EXITING,

        /** The same, after the members were cancelled. */
        ABORTING,

        /** The same, and the parent was cancelled too, which is taken back in the end. */
        INTERRUPTED,
        ;

        val hasLeft: Boolean get() = this >= EXITING

        val isAborting: Boolean get() = this == INTERRUPTING || this == ABORTING || this == INTERRUPTED
    }

    /** A task of the group, which hears of its end in a turn of its own. */
    private class Member(
        private val group: TaskGroup,
        val task: Task<*>,
    ) : Link<Member>,
        DoneCallback,
        Callback {
        override var previous: Member? = null
        override var next: Member? = null
        override var isLinked = false

        override fun schedule(future: Future<*>) = task.loop.enqueue(this)

        override fun run() = group.memberDone(this)
    }
}

private class GroupFuture(
    private val group: TaskGroup,
) : Future<Unit>(getRunningLoop()) {
    override fun describeWait(): String = group.describeWait()
}
