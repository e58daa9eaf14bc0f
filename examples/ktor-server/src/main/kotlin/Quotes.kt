// SPDX-License-Identifier: Apache-2.0
package quotes

import dev.simul.Task
import dev.simul.createTask
import dev.simul.shield
import dev.simul.taskGroup
import dev.simul.timeout
import java.io.IOException
import java.util.concurrent.TimeoutException
import kotlin.time.Duration

/** Somebody who sells things. */
interface Supplier {
    val name: String

    /** What the supplier wants for it, in cents. */
    suspend fun price(item: String): Int
}

/**
 * Asks all suppliers at once what they want for an item, and waits for none of them longer than [patience].
 *
 * It is used by tasks of one loop, which take turns: so it needs no lock for what it remembers.
 */
class Quotes(
    private val suppliers: List<Supplier>,
    private val patience: Duration,
) {
    private val underWay = mutableMapOf<String, Task<Map<String, Int>>>()

    /** The prices by the names of the suppliers that gave one, the lowest first. Requests for the same item at the same time are one. */
    suspend fun of(item: String): Map<String, Int> {
        val asking =
            underWay.getOrPut(item) {
                createTask(name = "quotes of $item") { askAll(item) }.apply { addDoneCallback { underWay.remove(item) } }
            }
        // Whoever asked may give up; the others still want to know.
        return shield(asking).await()
    }

    private suspend fun askAll(item: String): Map<String, Int> {
        val answers =
            taskGroup { group ->
                suppliers.map { supplier -> supplier.name to group.createTask(name = supplier.name) { ask(supplier, item) } }
            }
        return answers.mapNotNull { (name, task) -> task.result()?.let { name to it } }.sortedBy { it.second }.toMap()
    }

    private suspend fun ask(
        supplier: Supplier,
        item: String,
    ): Int? =
        try {
            timeout(patience) { supplier.price(item) }
        } catch (_: TimeoutException) {
            null
        } catch (_: IOException) {
            null
        }
}
