// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import dev.simul.demo.gallery.simulation.store.AppendReply
import dev.simul.demo.gallery.simulation.store.AppendRequest
import dev.simul.demo.gallery.simulation.store.Bug
import dev.simul.demo.gallery.simulation.store.Command
import dev.simul.demo.gallery.simulation.store.Entry
import dev.simul.demo.gallery.simulation.store.Log
import dev.simul.demo.gallery.simulation.store.Operation
import dev.simul.demo.gallery.simulation.store.StateMachine
import dev.simul.demo.gallery.simulation.store.Verb
import dev.simul.demo.gallery.simulation.store.VoteReply
import dev.simul.demo.gallery.simulation.store.VoteRequest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

private fun logOf(vararg terms: Int) = Log().apply { terms.forEach { append(Entry(it, null)) } }

private fun Log.terms() = after(0).map { it.term }

class StorePartsTest :
    FunSpec({
        val append = Command("ada", 1, Operation(Verb.APPEND, "x", "a1"))

        test("messages are read as they were written") {
            val entries = listOf(Entry(2, null), Entry(2, append), Entry(3, Command("bob", 7, Operation(Verb.GET, "y"))))
            val request = AppendRequest(3, "n1", 4, 1, 2, entries)
            AppendRequest.parse(request.text) shouldBe request
            request.copy(entries = emptyList()).let { AppendRequest.parse(it.text) shouldBe it }
            AppendReply(3, true, 7).let { AppendReply.parse(it.text) shouldBe it }
            VoteRequest(3, "n2", 4, 1).let { VoteRequest.parse(it.text) shouldBe it }
            VoteReply(3, false).let { VoteReply.parse(it.text) shouldBe it }
        }

        test("a log keeps what it has, also if older entries come late, and drops what differs") {
            val log = logOf(1, 1, 2)
            log.replaceAfter(1, listOf(Entry(1, null)))
            log.terms() shouldBe listOf(1, 1, 2)
            log.replaceAfter(1, listOf(Entry(1, null), Entry(3, null), Entry(3, null)))
            log.terms() shouldBe listOf(1, 1, 3, 3)
            log.replaceAfter(0, listOf(Entry(4, null)))
            log.terms() shouldBe listOf(4)
        }

        test("a log is up to date by its last term first, and then by its length") {
            val log = logOf(1, 2)
            VoteRequest(5, "n1", 1, 3).isUpToDate(log) shouldBe true
            VoteRequest(5, "n1", 2, 2).isUpToDate(log) shouldBe true
            VoteRequest(5, "n1", 1, 2).isUpToDate(log) shouldBe false
            VoteRequest(5, "n1", 9, 1).isUpToDate(log) shouldBe false
        }

        test("a command is applied once, and a retry gets the same result") {
            val machine = StateMachine(bug = null)
            machine.apply(append) shouldBe "a1"
            machine.apply(append) shouldBe "a1"
            machine.apply(append.copy(number = 2)) shouldBe "a1a1"
            val wrong = StateMachine(Bug.DOUBLE_RETRY)
            wrong.apply(append)
            wrong.apply(append) shouldBe "a1a1"
        }
    })
