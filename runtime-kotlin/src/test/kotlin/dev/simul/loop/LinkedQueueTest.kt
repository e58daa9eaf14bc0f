// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.value
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

/** Counts what is done to links, and is struck after [left] of that. */
private class Struck(
    var left: Int,
) {
    fun here() {
        if (left-- == 0) throw StackOverflowError("injected")
    }
}

private class StruckLink(
    private val struck: Struck,
) : Link<StruckLink> {
    override var previous: StruckLink? = null
        get() = field.also { struck.here() }
        set(value) {
            struck.here()
            field = value
        }

    override var next: StruckLink? = null
        get() = field.also { struck.here() }
        set(value) {
            struck.here()
            field = value
        }

    override var isLinked = false
        set(value) {
            struck.here()
            field = value
        }
}

class LinkedQueueTest :
    FunSpec({
        test("an error that strikes while a link is added or removed has done nothing, or all") {
            var steps = 0
            while (true) {
                val struck = Struck(left = -1)
                val links = List(6) { StruckLink(struck) }
                val queue = LinkedQueue<StruckLink>()
                links.take(4).forEach { queue.add(it) }
                struck.left = steps

                val strikes =
                    runCatching {
                        queue.add(links[4])
                        queue.remove(links[1])
                        queue.remove(links[0])
                        queue.remove(links[4])
                        queue.add(links[1])
                    }.isFailure
                struck.left = -1

                withClue("after $steps steps") {
                    val inside = links.filter { it.isLinked }.toSet()
                    queue.add(links[5])
                    val found = buildList { queue.forEach { add(it) } }
                    found.toSet() shouldBe inside + links[5]
                    found.size shouldBe inside.size + 1
                    queue.size shouldBe found.size
                    found.forEach { queue.remove(it) }
                    queue.isEmpty() shouldBe true
                    queue.size shouldBe 0
                }
                if (!strikes) break
                steps++
            }
            steps shouldBeGreaterThan 20
        }
    })
