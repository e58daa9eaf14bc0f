// SPDX-License-Identifier: Apache-2.0
package dev.simul

import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * An entry of a task's cancellation ledger: who asked the task to cancel, why, where that was delivered, and where the task awaited next.
 *
 * It is written while a task is cancelled, so it is made of what lies at hand: names, numbers and classes, and no reference to a task or a
 * future. Most have neither a name, a message nor a predecessor and take 32 bytes, hence the ordinals; [Details] has the rest.
 */
internal class CancelRequest(
    by: Asker,
    task: Task<*>?,
    thread: String?,
    message: String?,
    previous: CancelRequest?,
) {
    private val askerOrdinal = by.ordinal.toByte()
    private var outcomeOrdinal = 0.toByte()
    private var label = 0.toShort()
    private val number = task?.number ?: 0

    /** Where it was delivered: the class of a frame, which [label] belongs to; a line; or else what the task waited for. */
    private var place: Any? = null
    private var details: Details? = null

    /** Whether the task was left to throw this at its next await, or by foreign code. */
    var isExpected = false

    /** Whether the request was taken back, by `uncancel`. */
    var isTakenBack = false
        private set

    init {
        val name = thread ?: task?.givenName
        if (name != null || message != null || previous != null) details = Details(name, message, previous)
    }

    val by: Asker get() = Asker.all[askerOrdinal.toInt()]

    /** Who asked, in words. */
    private val asker: String get() = by.text.replace("%s", details?.name ?: nameOfTask(number))

    /** The message given to `cancel`. */
    val message: String? get() = details?.message

    /** The request before this one. */
    val previous: CancelRequest? get() = details?.previous

    /** How many requests there were with this one. */
    val count: Int get() = details?.count ?: 1

    var outcome: Outcome
        get() = Outcome.all[outcomeOrdinal.toInt()]
        private set(value) {
            outcomeOrdinal = value.ordinal.toByte()
        }

    private val isPending: Boolean get() = has(Outcome.PENDING)

    private fun has(outcome: Outcome): Boolean = outcomeOrdinal.toInt() == outcome.ordinal

    /** What the task waited for next: it has caught the exception, or cleans up. */
    val nextWait: String? get() = details?.nextWait

    /** The line of the await that it ended, if it is known. */
    private val line: StackTraceElement?
        get() =
            when (val place = place) {
                is AwaitLines.FrameClass -> place.lineOf(label)
                is StackTraceElement -> place
                else -> null
            }

    /** What the task waited for when it was delivered, if no line is known. */
    private val wait: String? get() = place as? String

    /** The line of the first await after that, if it is known. */
    private val nextLine: StackTraceElement? get() = details?.let { it.nextType?.lineOf(it.nextLabel) }

    private val isDelivered: Boolean get() = has(Outcome.DELIVERED) || has(Outcome.ABSORBED)

    /** The message of the last of these requests that was [expected][isExpected]. */
    fun expectedMessage(): String? {
        var request = this
        while (!request.isExpected) request = request.previous ?: return request.details?.forgottenMessage
        return request.message
    }

    /** Takes back the last request of [asker], or else of anybody. */
    fun takeBack(asker: Asker?) {
        val request = firstInEffect { it.by == asker } ?: firstInEffect { true } ?: return
        request.isTakenBack = true
        if (request.isPending) request.outcome = Outcome.WITHDRAWN
    }

    private inline fun firstInEffect(matches: (CancelRequest) -> Boolean): CancelRequest? {
        var request: CancelRequest? = this
        while (request != null && (request.isTakenBack || !matches(request))) request = request.previous
        return request
    }

    /** The pending requests have ended in [outcome], while the task waited for [future] at [frame]. */
    fun settle(
        outcome: Outcome,
        future: Future<*>?,
        frame: CoroutineStackFrame?,
    ) {
        var request: CancelRequest? = this
        while (request != null && (request.isPending || request.has(Outcome.WITHDRAWN))) {
            if (request.isPending) {
                request.outcome = outcome
                if (request.place == null) request.placeAt(future, frame)
            }
            request = request.previous
        }
    }

    /** The task waits at [frame], for [future] or in foreign code: that is where the request will be delivered. */
    fun placeAt(
        future: Future<*>?,
        frame: CoroutineStackFrame?,
    ) {
        AwaitLines.find(frame) { known, type ->
            place = type
            label = type.labelOf(known)
            return
        }
        place = future?.waitKind
    }

    /** The request was delivered in [line], to code that awaits on a stack of its own. */
    fun placeAt(line: StackTraceElement) {
        if (has(Outcome.DELIVERED) && !hasNext) place = line
    }

    private val hasNext: Boolean get() = nextWait != null

    /** The task awaits after the delivery. */
    fun awaitsNext(
        future: Future<*>?,
        otherwise: String,
        frame: CoroutineStackFrame?,
    ) {
        var request: CancelRequest? = this
        while (request != null && !request.hasNext) {
            if (request.isDelivered) request.needDetails().next(future?.waitKind ?: otherwise, frame)
            request = request.previous
        }
    }

    private fun needDetails(): Details = details ?: Details(null, null, null).also { details = it }

    /** One line of text. */
    fun describe(): String {
        val why = message?.let { ": \"$it\"" }.orEmpty()
        return "asked to cancel by $asker$why; ${describeOutcome()}${describeNext()}"
    }

    private fun describeOutcome(): String =
        when (outcome) {
            Outcome.PENDING -> "not delivered yet"
            Outcome.DELIVERED -> "delivered${describePlace()}"
            Outcome.ABSORBED -> "passed on${describePlace()} to what it awaited, which did not end cancelled"
            Outcome.WITHDRAWN -> "taken back before it was delivered"
            Outcome.UNAWAITED -> "it did not await again"
        }

    private fun describePlace(): String = line?.let { " at ${it.inShort()}" } ?: wait?.let { " in $it" }.orEmpty()

    private fun describeNext(): String {
        val next = nextWait?.let { "; then it awaited $it${nextLine?.let { line -> " at ${line.inShort()}" }.orEmpty()}" }.orEmpty()
        return if (isTakenBack && outcome != Outcome.WITHDRAWN) "$next; taken back" else next
    }

    /** Forgets what was long before this: a task may be cancelled by one timeout after the other. */
    fun forgetOld() {
        if (count % MOST_KEPT != 0) return
        var last = this
        repeat(MOST_KEPT - 1) { last = last.previous ?: return }
        last.details?.forgetPrevious()
    }

    /** What most requests do not have. */
    private class Details(
        val name: String?,
        val message: String?,
        previous: CancelRequest?,
    ) {
        var previous = previous
            private set
        val count: Int = previous?.let { it.count + 1 } ?: 1

        /** The message of the last expected request among those that were forgotten. */
        var forgottenMessage: String? = null
            private set
        var nextWait: String? = null
        var nextType: AwaitLines.FrameClass? = null
        var nextLabel: Short = 0

        fun forgetPrevious() {
            forgottenMessage = previous?.expectedMessage()
            previous = null
        }

        fun next(
            wait: String,
            frame: CoroutineStackFrame?,
        ) {
            nextWait = wait
            AwaitLines.find(frame) { known, type ->
                nextType = type
                nextLabel = type.labelOf(known)
            }
        }
    }

    /** What became of a request. */
    enum class Outcome {
        /** The task's next await throws it, or the awaited object is about to end with it. */
        PENDING,

        /** An await has thrown it. */
        DELIVERED,

        /** It was passed on to the awaited object, which did not end cancelled. */
        ABSORBED,

        /** It was taken back before it was delivered. */
        WITHDRAWN,

        /** The task ended without awaiting again. */
        UNAWAITED,
        ;

        companion object {
            val all = entries
        }
    }

    private companion object {
        /** At most twice as many are kept. */
        const val MOST_KEPT = 16
    }
}

/** Who asks a task to cancel; [text] has a place for a name. */
internal enum class Asker(
    val text: String,
) {
    TASK("%s"),
    ITSELF("itself"),
    CALLBACK("a callback of the loop"),
    THREAD("thread '%s'"),
    AWAITER("%s, which awaits it and was cancelled"),
    TIMEOUT("its timeout"),
    GROUP("the task group of %s"),
    FAILED_MEMBER("its task group, since %s failed"),
    RACE("the staggered race of %s"),
    CTRL_C("Ctrl-C"),
    CLOSE("the end of the run"),
    JOB("the cancellation of its Job"),
    ;

    companion object {
        val all = entries
    }
}

/** The lines of the requests to cancel this task that were not taken back, the oldest first; empty if the task has ended. */
internal fun Task<*>.cancellationsInEffect(): List<String> =
    if (done()) {
        emptyList()
    } else {
        generateSequence(step.lastCancelRequest) { it.previous }
            .filter { !it.isTakenBack }
            .map { it.describe() }
            .toList()
            .asReversed()
    }
