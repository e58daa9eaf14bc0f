// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.isCancellation
import dev.simul.loop.EventLoop
import dev.simul.loop.LibraryCode
import java.util.Collections
import java.util.IdentityHashMap
import java.util.Locale
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * Makes the stack traces of exceptions show the program: after the lines that threw come those that waited for them, in the same task and in
 * the tasks that await it.
 *
 * ```text
 * java.util.NoSuchElementException: no account 7
 *     at bank.AccountsKt.find(Accounts.kt:12)
 *     at bank.AccountsKt.balance(Accounts.kt:20)
 *     at in.task(balance)
 *     at awaited.by(Task-1)
 *     at bank.AppKt$main$1.invokeSuspend(App.kt:9)
 * ```
 *
 * The JVM writes a trace when an exception is made, and knows the thread's stack only: there, a coroutine that was resumed stands directly on
 * the loop. Its callers are known where the exception passes from one stack to the next: at the end of a task, a body or a generator, and
 * where it is delivered to a task that awaits. They are added there, to the exception itself: copies would break `===`, by which programs
 * recognize exceptions.
 *
 * Only failures come here, once at each such place. Cancellations, which have no trace, are left alone.
 */
internal object Traces {
    @Volatile
    var mode: TraceMode = TraceMode.byDefault()

    /** [failure] ends the coroutine of [step]. */
    fun leavesTask(
        step: TaskStep<*>,
        failure: Throwable,
    ) = edit(failure) { trace ->
        val last = trace.lastMarker
        when {
            last == null -> complete(failure, trace, step) + StackTraceElement(IN, TASK, step.task.name, -1)
            // Foreign code has delivered it.
            last.isInTask && last.fileName != step.task.name -> trace.with(awaitedBy(step) + framesFrom(step.resumedInForeignCode))
            else -> null
        }
    }

    /** [failure], of [future], is about to be thrown at [waiting], where [step] was suspended. */
    fun delivered(
        step: TaskStep<*>,
        future: Future<*>,
        failure: Throwable,
        waiting: Any,
    ) = edit(failure) { trace -> awaited(step, future, failure, trace) { framesFrom(waiting as? CoroutineStackFrame) } }

    /** [failure], of [future], is about to be thrown by an await of [step] that did not suspend. */
    fun thrownAtOnce(
        step: TaskStep<*>,
        future: Future<*>,
        failure: Throwable,
    ) = edit(failure) { trace -> awaited(step, future, failure, trace) { framesHere(step) } }

    /** [failure] passes, inside [step], from the stack that threw it to the frames that wait for that one: [waiting] and its callers. */
    fun passesTo(
        waiting: Any?,
        step: TaskStep<*>?,
        failure: Throwable,
    ) = passes(step, failure) { framesFrom(waiting as? CoroutineStackFrame) }

    /** As [passesTo], to the calling stack. */
    fun passesHere(
        step: TaskStep<*>?,
        failure: Throwable,
    ) = passes(step, failure) { framesHere(null) }

    /** [failure] leaves the loop: the calling thread, which ran it, gets it. */
    fun leavesLoop(failure: Throwable) =
        edit(failure) { trace ->
            val caller = StackTraceElement(AWAITED, BY, "thread ${Thread.currentThread().name}", -1)
            if (trace.hasMostTasks) null else trace.with(listOf(caller) + Throwable().stackTrace.asList().shown(keepsFirst = false))
        }

    private inline fun edit(
        failure: Throwable,
        change: (List<StackTraceElement>) -> List<StackTraceElement>?,
    ) {
        if (mode == TraceMode.OFF || failure.isCancellation) return
        try {
            val trace = failure.stackTrace.asList()
            if (trace.isEmpty()) return
            val changed = change(trace)
            if (changed != null && changed !== trace) failure.stackTrace = changed.toTypedArray()
        } catch (_: Throwable) {
            // No room left, or an exception with methods of its own: it goes its way as it is.
        }
    }

    private inline fun passes(
        step: TaskStep<*>?,
        failure: Throwable,
        frames: () -> List<StackTraceElement>,
    ) {
        if (step == null) return
        edit(failure) { trace ->
            val last = trace.lastMarker
            when {
                last == null -> complete(failure, trace, step).with(frames())
                last.isAwaitedBy && last.fileName == step.task.name -> trace.with(frames())
                else -> null
            }
        }
    }

    /**
     * Of those that await the same future only the first is shown, and of those that await a task only if it was that task which threw: an
     * exception that many await, or many times, does not grow with each of them.
     */
    private inline fun awaited(
        step: TaskStep<*>,
        future: Future<*>,
        failure: Throwable,
        trace: List<StackTraceElement>,
        frames: () -> List<StackTraceElement>,
    ): List<StackTraceElement>? {
        if (!future.isFirstAwait()) return null
        val last = trace.lastMarker
        if (last != null && future is Task<*> && last.fileName != future.name) return null
        if (trace.hasMostTasks) return null
        val begin = if (last == null) complete(failure, trace, null) else trace
        return begin.with(awaitedBy(step) + frames())
    }

    private fun awaitedBy(step: TaskStep<*>) = listOf(StackTraceElement(AWAITED, BY, step.task.name, -1))

    /** This and [more], unless they are there already. */
    private fun List<StackTraceElement>.with(more: List<StackTraceElement>): List<StackTraceElement> =
        if (Collections.indexOfSubList(this, more) >= 0) this else this + more

    /**
     * A [trace] that nothing was added to yet, without what lies below the program's frames there, and with the frames of [step] that waited
     * for those.
     */
    private fun complete(
        failure: Throwable,
        trace: List<StackTraceElement>,
        step: TaskStep<*>?,
    ): List<StackTraceElement> {
        val end = trace.endOfOwn()
        val own = trace.subList(0, end)
        val callers = if (step == null) emptyList() else callersOf(trace, end, step)
        if (mode == TraceMode.FULL) return own.with(callers) + trace.subList(end, trace.size)
        trimRelated(failure)
        return own.shown(keepsFirst = true).with(callers)
    }

    /** The frames that wait for the last of the first [end] frames, which was resumed by [step] or by foreign code of it. */
    private fun callersOf(
        trace: List<StackTraceElement>,
        end: Int,
        step: TaskStep<*>,
    ): List<StackTraceElement> {
        val foreign = step.resumedInForeignCode
        if (end > 0 && trace.getOrNull(end)?.isResumption == true) {
            val resumed = trace[end - 1].className
            for (latest in listOf(foreign, step.lastSuspension as? CoroutineStackFrame)) {
                val frame = outwards(latest).firstOrNull { it.javaClass.name == resumed } ?: continue
                return framesFrom(frame.callerFrame)
            }
        }
        // It was thrown elsewhere, and came by foreign code.
        return framesFrom(foreign)
    }

    /** The frames that wait, from [innermost] outwards, up to a stack of a thread. */
    private fun framesFrom(innermost: CoroutineStackFrame?): List<StackTraceElement> =
        outwards(innermost)
            .takeWhile { it !is OwnStack }
            .take(MOST_FRAMES)
            .mapNotNull { it.getStackTraceElement() }
            .map { StackTraceElement(it.className.substringAfterLast('/'), it.methodName, it.fileName, it.lineNumber) }
            .toList()
            .shown(keepsFirst = false)

    private fun outwards(frame: CoroutineStackFrame?) = generateSequence(frame) { it.callerFrame }

    /** The frames of the calling stack and, if that was resumed by [step], those that wait for it. */
    private fun framesHere(step: TaskStep<*>?): List<StackTraceElement> {
        val here = Throwable().stackTrace.asList()
        val end = here.endOfOwn()
        return here.subList(0, end).shown(keepsFirst = false) + if (step == null) emptyList() else callersOf(here, end, step)
    }

    /** Where the frames of the program end, and those of the loop, or of another dispatcher, begin that runs it. */
    private fun List<StackTraceElement>.endOfOwn(): Int {
        forEachIndexed { index, frame ->
            val ends = if (frame.isResumption) isRunByLoop(index) else frame.isLoop
            if (ends) return index
        }
        return size
    }

    /** Whether the resumption at [index] comes from a loop or another dispatcher, and not from code that drives a coroutine on its stack. */
    private fun List<StackTraceElement>.isRunByLoop(index: Int): Boolean {
        val by = subList(index, size).firstOrNull { !it.className.startsWith("kotlin") } ?: return true
        return when {
            by.className == GENERATOR -> by.methodName.startsWith("hand")
            by.className == GENERATOR_ITERATOR -> true
            by.className.startsWith(GENERATORS) -> false
            else -> by.className.startsWith("java.") || LibraryCode.contains(by)
        }
    }

    private fun List<StackTraceElement>.shown(keepsFirst: Boolean): List<StackTraceElement> {
        if (mode == TraceMode.FULL) return this
        var bodies = 0
        return filterIndexed { index, frame ->
            if (frame.isCallOfCollector) bodies++
            if (frame.isCollect && bodies > 0) bodies--
            (keepsFirst && index == 0) || (bodies == 0 && !frame.isMachinery)
        }
    }

    /** Whether the body of a generator calls a collector there, in place of `collect`: the frames up to that are the body's. */
    private val StackTraceElement.isCallOfCollector: Boolean get() = className == GENERATOR && methodName == "emit"

    private val StackTraceElement.isCollect: Boolean get() = className == COLLECTED && methodName == "collect"

    /** Causes and suppressed exceptions that have not come out of a task of their own. */
    private fun trimRelated(failure: Throwable) {
        val seen = Collections.newSetFromMap(IdentityHashMap<Throwable, Boolean>())
        val open = ArrayDeque(listOf(failure))
        while (open.isNotEmpty() && seen.size < MOST_RELATED) {
            val next = open.removeFirst()
            if (!seen.add(next)) continue
            next.cause?.let(open::add)
            open.addAll(next.suppressed)
            if (next === failure) continue
            val trace = next.stackTrace.asList()
            if (trace.none { it.isMarker }) next.stackTrace = trace.subList(0, trace.endOfOwn()).shown(keepsFirst = true).toTypedArray()
        }
    }

    private val List<StackTraceElement>.hasMostTasks: Boolean get() = count { it.isAwaitedBy } >= MOST_TASKS

    private val List<StackTraceElement>.lastMarker: StackTraceElement? get() = lastOrNull { it.isMarker }

    private val StackTraceElement.isMarker: Boolean get() = isAwaitedBy || isInTask

    private val StackTraceElement.isAwaitedBy: Boolean get() = className == AWAITED && methodName == BY

    private val StackTraceElement.isInTask: Boolean get() = className == IN && methodName == TASK

    private val StackTraceElement.isLoop: Boolean
        get() =
            when (className) {
                LOOP -> methodName.startsWith("run")
                STEP -> methodName.startsWith("resume")
                else -> isBeginOfBody
            }

    /** Whether it shows how the program is run, rather than the program. */
    private val StackTraceElement.isMachinery: Boolean
        get() = isResumption || isAccessor || (lineNumber <= 0 && isGenerated) || LibraryCode.contains(this)

    /** Whether a compiler has made it, for a frame that is shown beside it. */
    private val StackTraceElement.isGenerated: Boolean
        get() = isOfLambda || (methodName == "invokeSuspend" && fileName?.endsWith(".kt") == true)

    private const val AWAITED = "awaited"
    private const val BY = "by"
    private const val IN = "in"
    private const val TASK = "task"

    /** How many tasks that await are shown. */
    private const val MOST_TASKS = 16

    /** How many frames of a coroutine are shown; the JVM shows as many of a thread. */
    private const val MOST_FRAMES = 1_024
    private const val MOST_RELATED = 32

    private const val GENERATORS = "dev.simul.generators."
    private const val GENERATOR = "dev.simul.generators.GeneratorFrames"
    private const val GENERATOR_ITERATOR = "dev.simul.generators.GeneratorIterator"
    private const val COLLECTED = "dev.simul.generators.AsyncGenerator"
    private val LOOP = EventLoop::class.java.name
    private val STEP = TaskStep::class.java.name
}

/** What is done about the stack traces of exceptions that pass from task to task. */
internal enum class TraceMode {
    /** They show the program: with the frames that wait, and without those that only run it. */
    PROGRAM,

    /** With the frames that wait, and everything that the JVM has written. */
    FULL,

    /** Nothing. */
    OFF,
    ;

    companion object {
        /** The system property `simul.traces` or the environment's `SIMUL_TRACES`. */
        fun byDefault(setting: String? = System.getProperty("simul.traces") ?: System.getenv("SIMUL_TRACES")): TraceMode =
            entries.find { it.name == setting?.uppercase(Locale.ROOT) } ?: PROGRAM
    }
}
