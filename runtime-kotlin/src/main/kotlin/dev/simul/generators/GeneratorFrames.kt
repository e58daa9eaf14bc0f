// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.LiveGenerator
import dev.simul.LiveGenerators
import dev.simul.TaskContext
import dev.simul.TaskStep
import dev.simul.Traces
import dev.simul.createTask
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.exceptions.StopIteration
import dev.simul.loop.DebugOrigins
import dev.simul.loop.EventLoop
import dev.simul.loop.callAfterCollection
import dev.simul.loop.logger
import dev.simul.ownStep
import kotlinx.coroutines.flow.FlowCollector
import java.lang.ref.WeakReference
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.CoroutineContext.Element
import kotlin.coroutines.CoroutineContext.Key
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.startCoroutineUninterceptedOrReturn
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * The frames of an [AsyncGenerator]'s body, separate from the generator itself so that the loop can close them when the generator is no
 * longer referenced.
 *
 * A continuation fixes its context when it is created, but the body runs as part of whichever task requests a value. So its context is this
 * object, which stands for the context of the *driver*: the coroutine that currently requests a value. A value yielded without a suspension
 * in between is simply returned to the driver; after a suspension the driver is resumed from within the body's step.
 */
internal class GeneratorFrames<T, S>(
    private var body: (suspend AsyncGeneratorScope<T, S>.() -> Unit)?,
) : AsyncGeneratorScope<T, S>,
    Continuation<Unit>,
    CoroutineStackFrame,
    TaskContext,
    LiveGenerator {
    private enum class State { CREATED, SUSPENDED, RUNNING, ENDED }

    private var state = State.CREATED
    private var loop: EventLoop? = null
    private var generatorOrNull: WeakReference<AsyncGenerator<T, S>>? = null

    /** Whether the generator was collected while a task still waits for a value of it. */
    private var unheld = false

    /** Whether the body has yielded while it was being closed. */
    private var hasIgnoredExit = false

    /** The driver's context; empty between two drivers, so that no task is kept alive. */
    private var driverContext: CoroutineContext = EmptyCoroutineContext

    /** The driver, once it is suspended. */
    private var driver: Continuation<Any?>? = null

    /** The driver, if it is a `collect` that gave a [collector]: `yield` then passes its value to that itself. */
    private var collecting: Continuation<*>? = null
    private var collector: FlowCollector<T>? = null

    /** Grows when a driver begins, and when a `collect` ceases to drive since its collector suspends. */
    private var drives = 0

    /** Whether the driver is told of the end by [END] instead of [StopAsyncIteration]. */
    private var endsWithMarker = false

    /** The body at its latest `yield`: where it waits, unless it runs. Most wait in the same frame again, which is then not stored again. */
    private var yielded: Continuation<S?>? = null

    private var hasOutcome = false
    private var outcomeValue: Any? = null
    private var outcomeFailure: Throwable? = null

    override val generator: Any get() = generatorOrNull?.get() ?: this

    override val line: StackTraceElement?
        get() = (yielded as? CoroutineStackFrame)?.takeIf { state == State.SUSPENDED }?.getStackTraceElement()

    /** The first use of [generator], in [loop]. */
    fun begin(
        loop: EventLoop,
        generator: AsyncGenerator<T, S>,
    ) {
        this.loop = loop
        generatorOrNull = WeakReference(generator)
        LiveGenerators[loop].add(this)
        if (loop.debug) DebugOrigins[loop].remember(this)
    }

    /** The generator was collected; called by any thread. */
    fun collected() {
        val loop = loop ?: return
        if (state != State.ENDED && !loop.isClosed) loop.callAfterCollection { closeUnheld() }
    }

    /** In debug mode: that it is closed is well, but nobody knows when. */
    private fun warnUnheld(loop: EventLoop) {
        if (!loop.debug) return
        logger.warn("{} was collected before it was closed, at {}: close it by aclosing", this, line, DebugOrigins[loop].of(this))
    }

    private fun closeUnheld() {
        val loop = loop!!
        when (state) {
            State.ENDED -> {}
            State.RUNNING -> unheld = true
            State.CREATED, State.SUSPENDED -> {
                LiveGenerators[loop].remove(this)
                warnUnheld(loop)
                loop.createTask { aclose() }
            }
        }
    }

    // Driving.

    fun send(
        value: S?,
        driver: Continuation<T>,
    ): Any? = drive(driver, value, null, "anext()", endsWithMarker = false)

    fun advance(driver: Continuation<Any?>): Any? = drive(driver, null, null, "anext()", endsWithMarker = true)

    /**
     * Emits values to [collector] until the body ends; the result is then [END]. If the collector suspends, [driver] waits for that, and
     * has to call this again when it is resumed; so it has with any other result, and before that it has to emit an [Emission].
     */
    fun emitTo(
        collector: FlowCollector<T>,
        driver: Continuation<Any?>,
    ): Any? = drive(driver, null, null, "anext()", endsWithMarker = true, collector)

    fun raise(
        exception: Throwable,
        driver: Continuation<T?>,
    ): Any? {
        if (state == State.ENDED) return null
        refuseAfterIgnoredExit()
        return drive(driver, null, exception, "athrow()", endsWithMarker = false)
    }

    override suspend fun aclose() {
        if (state == State.ENDED) return
        refuseAfterIgnoredExit()
        val ignored: Any? =
            try {
                suspendCoroutineUninterceptedOrReturn { driver ->
                    drive(driver, null, GeneratorExit(), "aclose()", endsWithMarker = true)
                }
            } catch (_: GeneratorExit) {
                return
            }
        hasIgnoredExit = ignored !== END
        check(!hasIgnoredExit) { "async generator ignored GeneratorExit: it must not yield when it is being closed" }
    }

    /** Such a generator only returns its remaining values, by CPython's `ag_closed`. */
    private fun refuseAfterIgnoredExit() {
        if (hasIgnoredExit && state != State.RUNNING) throw StopAsyncIteration()
    }

    fun refuseIfRunning(caller: String) = check(state != State.RUNNING) { "$caller: asynchronous generator is already running" }

    private fun drive(
        driver: Continuation<*>,
        value: S?,
        exception: Throwable?,
        caller: String,
        endsWithMarker: Boolean,
        collector: FlowCollector<T>? = null,
    ): Any? {
        refuseIfRunning(caller)
        if (state == State.ENDED) return if (endsWithMarker) END else throw StopAsyncIteration()
        require(state != State.CREATED || value == null) {
            "can't send non-null value to a just-started async generator: there is no yield yet that could give $value"
        }
        this.endsWithMarker = endsWithMarker
        driverContext = driver.context
        if (this.collector !== collector) this.collector = collector
        if (collector != null) collecting = driver
        val drive = ++drives
        resumeBody(value, exception)
        if (hasOutcome) {
            hasOutcome = false
            outcomeFailure?.let {
                outcomeFailure = null
                throw it
            }
            return outcomeValue.also { outcomeValue = null }
        }
        @Suppress("UNCHECKED_CAST")
        if (drives == drive) this.driver = driver as Continuation<Any?>
        return COROUTINE_SUSPENDED
    }

    private fun resumeBody(
        value: S?,
        exception: Throwable?,
    ) {
        val begins = state == State.CREATED
        state = State.RUNNING
        when {
            begins && exception != null -> resumeWith(Result.failure(exception))
            begins -> start()
            exception != null -> yielded!!.resumeWith(Result.failure(exception))
            else -> yielded!!.resumeWith(Result.success(value))
        }
    }

    private fun start() {
        val body = body!!
        this.body = null
        try {
            if (body.startCoroutineUninterceptedOrReturn(this, this) === COROUTINE_SUSPENDED) return
        } catch (e: Throwable) {
            return resumeWith(Result.failure(e))
        }
        resumeWith(Result.success(Unit))
    }

    // The body.

    override suspend fun yield(value: T): S? =
        suspendCoroutineUninterceptedOrReturn { continuation ->
            check(state == State.RUNNING) {
                "cannot yield $value, for nobody has asked for it: only one coroutine of a generator may yield at a time"
            }
            if (yielded !== continuation) yielded = continuation
            state = State.SUSPENDED
            val collector = collector
            if (collector != null && continuation.context === this) {
                emit(value, collector)
            } else {
                hand(if (collector == null) value else Emission(value), null)
                if (unheld) closeUnheld()
                COROUTINE_SUSPENDED
            }
        }

    /**
     * Calls [collector] in place of `collect`, with its frame as the caller. Most collectors return at once, and the body continues. In all
     * other cases it waits in its `yield`, where `collect`, or whoever drives it then, finds it.
     */
    private fun emit(
        value: T,
        collector: FlowCollector<T>,
    ): Any? {
        val collecting = collecting!!
        val suspended = driver // Null if the body runs on the stack of `collect`.
        if (suspended != null) driver = null // The collector may drive the body itself.
        val drive = drives
        var failure: Throwable? = null
        try {
            val result = EMIT(collector, value, collecting)
            if (result === COROUTINE_SUSPENDED) {
                if (drives == drive) leaveDriver()
                return COROUTINE_SUSPENDED
            }
            if (drives == drive) {
                state = State.RUNNING
                if (suspended != null) driver = suspended
                return null
            }
        } catch (e: Throwable) {
            failure = e
        }
        // The collector has failed, or has itself driven the body.
        if (drives == drive) leaveDriver()
        handTo(suspended, null, failure)
        return COROUTINE_SUSPENDED
    }

    /** What drives the body next, a `collect` included, begins anew. */
    private fun leaveDriver() {
        drives++
        forgetDriverContext()
        collecting = null
        collector = null
    }

    /** The body has ended. */
    override fun resumeWith(result: Result<Unit>) {
        state = State.ENDED
        body = null
        yielded = null
        collecting = null
        collector = null
        loop?.let { LiveGenerators[it].remove(this) }
        when (val failure = result.exceptionOrNull()) {
            null -> if (endsWithMarker) hand(END, null) else hand(null, StopAsyncIteration())
            is StopAsyncIteration, is StopIteration ->
                hand(null, IllegalStateException("async generator raised ${failure::class.simpleName}", failure))
            else -> hand(null, failure)
        }
    }

    private fun hand(
        value: Any?,
        failure: Throwable?,
    ) {
        forgetDriverContext()
        val driver = driver
        if (driver != null) this.driver = null
        handTo(driver, value, failure)
    }

    /** A kotlinx driver's context stays until the next driver: its dispatcher may still look for thread context elements. */
    private fun forgetDriverContext() {
        if (ownStep() != null) driverContext = EmptyCoroutineContext
    }

    /** Null stands for a driver that runs the body on its own stack. */
    private fun handTo(
        driver: Continuation<Any?>?,
        value: Any?,
        failure: Throwable?,
    ) {
        if (driver == null) {
            hasOutcome = true
            outcomeValue = value
            if (failure != null) outcomeFailure = failure
        } else {
            if (failure != null) Traces.passesTo(driver, driver.context.ownStep, failure)
            driver.resumeWith(if (failure == null) Result.success(value) else Result.failure(failure))
        }
    }

    override val callerFrame: CoroutineStackFrame? get() = driver as? CoroutineStackFrame

    override fun getStackTraceElement(): StackTraceElement? = null

    // The context of the body's frames.

    override val context: CoroutineContext get() = this

    override fun ownStep(): TaskStep<*>? = driverContext.ownStep

    override fun <E : Element> get(key: Key<E>): E? = driverContext[key]

    override fun <R> fold(
        initial: R,
        operation: (R, Element) -> R,
    ): R = driverContext.fold(initial, operation)

    override fun minusKey(key: Key<*>): CoroutineContext = driverContext.minusKey(key)

    fun describeState(): String = state.name.lowercase()

    override fun toString(): String = "<AsyncGenerator ${describeState()}>"

    /** A [value] that the body yields inside a scope of its own, such as `withContext`: the collector is not to run in there. */
    class Emission(
        val value: Any?,
    )

    companion object {
        /** Stands for the end of the values. */
        val END: Any = Any()

        /** The call of a suspending function with a caller's frame of our choice. */
        @Suppress("UNCHECKED_CAST")
        private val EMIT = FlowCollector<Any?>::emit as (FlowCollector<*>, Any?, Continuation<*>) -> Any?
    }
}
