// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** What a ready queue refuses, for want of memory say, stays in the inbox. */
class InboxRefusedTest :
    FunSpec({
        test("however often it is refused, and whatever comes in between") {
            val inbox = Inbox()
            val refusing = ReadyQueue().apply { close() }
            val callbacks = List(4) { Callback {} }
            for (callback in callbacks) {
                inbox.add(callback)
                shouldThrow<IllegalStateException> { inbox.drainTo(refusing) }
                inbox.isEmpty() shouldBe false
            }

            val ready = ReadyQueue()
            inbox.drainTo(ready)
            List(ready.size) { ready.remove() } shouldContainExactly callbacks
            inbox.isEmpty() shouldBe true
        }
    })
