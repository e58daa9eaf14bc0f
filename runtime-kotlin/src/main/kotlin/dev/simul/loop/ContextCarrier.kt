// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Bindings
import dev.simul.context.Context
import dev.simul.context.ContextOwner
import dev.simul.context.ContextVar
import dev.simul.context.Missing

/**
 * Carries state of a thread, such as the MDC of a logging library, with the tasks of a loop; added by [EventLoop.addContextCarrier]. asyncio
 * has no equivalent: there, such libraries use context variables.
 */
public interface ContextCarrier : AutoCloseable {
    /** Ends the carrying; threads keep the state that they have. Closing it again does nothing. Call it in the loop's thread. */
    override fun close()
}

/** Calls what users have given. */
internal class CarrierByCalls(
    private val loop: EventLoop,
    private val capture: () -> Any?,
    private val restore: (Any?) -> Unit,
) : ContextCarrier {
    /** The state of a context that is not current. */
    val variable = ContextVar<Any?>("context carrier")

    /** The state of contexts that have none of their own. */
    val initial: Any? = capture()

    var isClosed = false
        private set

    override fun close() {
        isClosed = true
        loop.carriers = loop.carriers?.without(this)
    }

    fun valueIn(bindings: Bindings): Any? = bindings.find(variable).let { if (it === Missing) initial else it }

    /** The calling thread's value; [otherwise], if it cannot be captured. */
    fun captured(otherwise: Any?): Any? =
        try {
            capture()
        } catch (e: Throwable) {
            failed(e)
            otherwise
        }

    fun restored(value: Any?) =
        try {
            restore(value)
        } catch (e: Throwable) {
            failed(e)
        }

    private fun failed(e: Throwable) {
        if (e.isFatal) throw e
        val report = ExceptionContext("Exception in a context carrier", e)
        if (loop.isInLoop) loop.callExceptionHandler(report) else loop.callSoonThreadsafe { loop.callExceptionHandler(report) }
    }
}

/** The carriers of a loop, at least one. While a context is current, its values are those of the thread, otherwise those it holds. */
internal class ContextCarriers(
    private val loop: EventLoop,
    private val all: List<CarrierByCalls>,
) {
    fun with(carrier: CarrierByCalls) = ContextCarriers(loop, all + carrier)

    fun without(carrier: CarrierByCalls) = (all - carrier).takeIf { it.isNotEmpty() }?.let { ContextCarriers(loop, it) }

    /** [bindings] with the values of the calling thread, for a context that is made now. */
    fun captured(bindings: Bindings): Bindings =
        all.fold(bindings) { result, carrier -> result.set(carrier, carrier.captured(carrier.valueIn(result))) }

    private fun Bindings.set(
        carrier: CarrierByCalls,
        value: Any?,
    ) = if (value == carrier.valueIn(this)) this else with(carrier.variable, value)

    /** Gives the calling thread the values of the context that [callback] runs in, until [Carried.leave]; null if it has no context. */
    fun enter(callback: Callback): Carried? {
        val context = (callback as? ContextOwner)?.variables ?: (callback as? Handle)?.context
        return if (context == null || context === loop.emptyContext) null else enter(context)
    }

    fun enter(context: Context): Carried {
        val outer = all.map { it.captured(it.initial) }
        for (carrier in all) carrier.restored(carrier.valueIn(context.bindings))
        return Carried(context, all, outer)
    }

    /** As [enter], for a context that is current already, and that has adopted carriers [before]: the thread's values were the initial ones. */
    fun adopt(
        context: Context,
        before: Carried?,
    ) = Carried(context, all, all.map { it.initial }, before)

    /** A context that is current in a thread, and the values which that thread had before. */
    inner class Carried(
        private val context: Context,
        private val carriers: List<CarrierByCalls>,
        private val outer: List<Any?>,
        private val before: Carried? = null,
    ) {
        val thread: Thread = Thread.currentThread()

        fun leave() {
            before?.leave()
            carriers.forEachIndexed { index, carrier ->
                if (carrier.isClosed) return@forEachIndexed
                val bindings = context.bindings
                val changed = bindings.set(carrier, carrier.captured(carrier.valueIn(bindings)))
                if (changed !== bindings) context.bindings = changed
                carrier.restored(outer[index])
            }
        }
    }

    companion object {
        /** Runs [block], which runs in [context], with the values of that. */
        inline fun <R> around(
            loop: EventLoop,
            context: Context,
            block: () -> R,
        ): R {
            val carried = loop.carriers?.enter(context)
            try {
                return block()
            } finally {
                carried?.leave()
            }
        }
    }
}
