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
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import kotlin.coroutines.coroutineContext

/**
 * Runs [block], and waits until all tasks created in the group are done.
 *
 * The first failure, of a task or of the block, cancels all the others and the block; then all failures are thrown as one [ExceptionGroup],
 * in the order in which they happened. Cancelling the calling task cancels all of them.
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
     * @throws IllegalStateException before the group's block, after the group has ended, and while it is shutting down.
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

    /** As the other [createTask], for an existing coroutine; if the group refuses it, it is closed. */
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

    /** Waits for the group's tasks and throws their failures. Source: `TaskGroup.__aexit__`. */
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

    /** Ends the block, which threw [exception] unless that is null; throws the failure of the group, if there is one. */
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

    /** Inlined like [awaitMembers], so that the wait has one frame instead of three. */
    @Suppress("NOTHING_TO_INLINE")
    private suspend inline fun leaveWith(exception: Throwable?) {
        if (exception != null && exception.isFatal && fatalError == null) fatalError = exception
        var cancellation = exception?.takeIf { it.isCancellation }
        if (exception != null && !state.isAborting) abortForParent()
        while (!members.isEmpty()) {
            try {
                awaitMembers(onCompleted ?: GroupFuture(this).also { onCompleted = it })
            } catch (e: CancellationException) {
                if (!state.isAborting) {
                    cancellation = e
                    abortForParent()
                }
            }
            onCompleted = null
        }
        fatalError?.let { throw it }
        // The group takes back its own request; if it was the only one, its cancellation ends here.
        if (state == State.INTERRUPTED && parent!!.step.uncancel(Asker.FAILED_MEMBER) == 0) cancellation = null
        if (cancellation != null && errors == null) throw cancellation
        if (exception != null && !exception.isCancellation) addError(exception)
        errors?.let { throwErrors(it) }
    }

    /**
     * Waits for the last member. If a kotlinx scope around the group is cancelled it stays so, and would never wait: once the members are
     * cancelled too, another cancellation would change nothing.
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
            // Also cancelled from outside: the request is made again, for the parent's next await, and the count stays the same.
            parent.uncancel()
            TaskRegistry[parent.loop].asking(Asker.GROUP, parent) { parent.cancel() }
        }
        throw BaseExceptionGroup.of("unhandled errors in a TaskGroup", errors)
    }

    private fun abort(state: State) {
        this.state = state
        members.forEach { if (!it.task.done()) it.task.cancel() }
    }

    /** The block has failed, or the parent was cancelled. */
    private fun abortForParent() = TaskRegistry[loop!!].asking(Asker.GROUP, parent) { abort(State.ABORTING) }

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

    /** It cancels tasks, and may report, which can run code of users: so it runs outside any task. */
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
            // The parent is cancelled only to interrupt the block, not to end it: see leaveWith.
            TaskRegistry[task.loop].asking(Asker.FAILED_MEMBER, task) {
                abort(if (state.hasLeft) State.INTERRUPTED else State.INTERRUPTING)
                parent.cancel()
            }
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
        members.forEach { if (names.size < MOST_DESCRIBED) names += it.task.name }
        return "the end of the task group's ${firstOf(members.size, names)}"
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

        /** In the block, which a cancellation of the parent interrupts, since a member has failed. */
        INTERRUPTING,

        /** The block has ended, and the group waits for its members. */
        EXITING,

        /** As [EXITING], after the members were cancelled. */
        ABORTING,

        /** As [ABORTING], and the parent was cancelled too; the group takes that request back at the end. */
        INTERRUPTED,
        ;

        val hasLeft: Boolean get() = this >= EXITING

        val isAborting: Boolean get() = this == INTERRUPTING || this == ABORTING || this == INTERRUPTED
    }

    /** A task of the group; the group learns of its end in a turn of its own. */
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

        override fun onBehalfOf(): List<Future<*>> = listOfNotNull(group.parent)
    }
}

private class GroupFuture(
    private val group: TaskGroup,
) : Future<Unit>(getRunningLoop()) {
    override fun describeWait(): String = group.describeWait()

    override val waitKind: String get() = "the end of a task group"
}
