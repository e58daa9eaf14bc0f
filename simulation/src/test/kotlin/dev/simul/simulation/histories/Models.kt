// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

sealed interface Access {
    val key: String

    data class Write(
        override val key: String,
        val value: Int,
    ) : Access {
        override fun toString() = "write($key, $value)"
    }

    data class Read(
        override val key: String,
    ) : Access {
        override fun toString() = "read($key)"
    }

    data class Cas(
        override val key: String,
        val expected: Int,
        val new: Int,
    ) : Access {
        override fun toString() = "cas($key, $expected, $new)"
    }
}

/** Registers by name that hold 0 at first; a write returns null, a comparison whether it held. */
object Registers : Model<Int, Access, Any?> {
    override val initial = 0

    override fun step(
        state: Int,
        operation: Access,
    ): Step<Int, Any?> =
        when (operation) {
            is Access.Write -> Step(operation.value, Unit)
            is Access.Read -> Step(state, state)
            is Access.Cas -> if (state == operation.expected) Step(operation.new, true) else Step(state, false)
        }

    override fun key(operation: Access) = operation.key
}

/** The same object as a whole: nothing is known of keys. */
object OneRegister : Model<Int, Access, Any?> by Registers {
    override fun key(operation: Access): Any? = null
}

sealed interface QueueCall {
    data class Enqueue(
        val item: String,
    ) : QueueCall {
        override fun toString() = "enqueue($item)"
    }

    data object Dequeue : QueueCall {
        override fun toString() = "dequeue()"
    }
}

/** A queue, first in, first out; from an empty one comes null. */
object Fifo : Model<List<String>, QueueCall, Any?> {
    override val initial = emptyList<String>()

    override fun step(
        state: List<String>,
        operation: QueueCall,
    ): Step<List<String>, Any?> =
        when (operation) {
            is QueueCall.Enqueue -> Step(state + operation.item, Unit)
            QueueCall.Dequeue -> Step(state.drop(1), state.firstOrNull())
        }
}
