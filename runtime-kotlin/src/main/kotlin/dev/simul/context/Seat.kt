package dev.simul.context

/**
 * Where a thread keeps the [Context] that is current on it.
 *
 * Variables read and write the context of the seat. Whoever runs many callbacks looks the seat up once and enters
 * a context for each of them; see [Context.enter].
 */
internal class Seat {
    @JvmField
    var context: Context = Context()

    companion object {
        private val seats = ThreadLocal.withInitial { Seat() }

        /** The seat of the calling thread; a thread that never asked before gets one with an empty context. */
        @JvmStatic
        fun current(): Seat = seats.get()

        /** Makes [seat] that of the calling thread too, until it [leave]s it; only one of its threads may run at a time. */
        fun take(seat: Seat) = seats.set(seat)

        /** Leaves the calling thread without a seat; it gets one with an empty context when it asks again. */
        fun leave() = seats.remove()
    }
}
