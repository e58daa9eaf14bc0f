// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.net.until
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import java.lang.Process as JavaProcess

private class Recorder : SubprocessProtocol {
    val events = ArrayList<String>()
    val lost = getRunningLoop().createFuture<Unit>()

    override fun connectionMade(transport: SubprocessTransport) {
        events += "made"
    }

    override fun pipeDataReceived(
        fd: Int,
        data: ByteArray,
    ) {
        events += "$fd: ${data.decodeToString()}"
    }

    override fun pipeConnectionLost(
        fd: Int,
        exception: Throwable?,
    ) {
        events += "$fd lost $exception"
    }

    override fun processExited() {
        events += "exited"
    }

    override fun connectionLost(exception: Throwable?) {
        events += "lost $exception"
        lost.setResult(Unit)
    }

    fun of(fd: Int) = events.filter { it.startsWith("$fd") }
}

class SubprocessTransportTest :
    FunSpec({
        fun testOnAll(
            name: String,
            body: suspend () -> Unit,
        ) {
            for (pipes in Pipes.entries) test("$name ($pipes)") { pipes.run(body) }
        }

        testOnAll("a protocol is told everything, of each pipe in its order") {
            val (transport, protocol) = getRunningLoop().subprocessShell("printf out; printf err >&2", stdin = null) { Recorder() }
            protocol.events.first() shouldBe "made"
            protocol.lost.await()
            protocol.of(1) shouldContainExactly listOf("1: out", "1 lost null")
            protocol.of(2) shouldContainExactly listOf("2: err", "2 lost null")
            protocol.events shouldContainExactlyInAnyOrder protocol.of(1) + protocol.of(2) + listOf("made", "exited", "lost null")
            protocol.events.last() shouldBe "lost null"
            transport.returncode shouldBe 0
        }

        testOnAll("all streams are pipes unless something else is said") {
            val (transport, protocol) = getRunningLoop().subprocessExec("cat") { Recorder() }
            transport.getPipeTransport(0)!!.write(bytes("some data"))
            transport.getPipeTransport(0)!!.close()
            protocol.lost.await()
            protocol.of(0) shouldContainExactly listOf("0 lost null")
            protocol.of(1) shouldContainExactly listOf("1: some data", "1 lost null")
            protocol.of(2) shouldContainExactly listOf("2 lost null")
            transport.getPipeTransport(3) shouldBe null
        }

        testOnAll("the pipe to a child that has ended is closed") {
            val (transport, protocol) = getRunningLoop().subprocessExec("true") { Recorder() }
            protocol.lost.await()
            protocol.of(0) shouldContainExactly listOf("0 lost null")
            transport.getPipeTransport(0)!!.isClosing shouldBe true
        }

        testOnAll("closing kills a child that runs") {
            val (transport, protocol) = getRunningLoop().subprocessExec("sleep", "3600") { Recorder() }
            transport.getPipeTransport(0)!!.write(ByteArray(1_000_000))
            transport.returncode shouldBe null
            transport.close()
            transport.isClosing shouldBe true
            transport.close()
            protocol.lost.await()
            transport.returncode shouldBe -9
            protocol.of(0) shouldContainExactly listOf("0 lost null")
        }

        testOnAll("closing leaves the code of a child that has ended unnoticed") {
            val (transport, protocol) = getRunningLoop().subprocessShell("read line; exit 137") { Recorder() }
            transport.getPipeTransport(0)!!.write(bytes("\n"))
            (transport.getExtraInfo("subprocess") as JavaProcess).waitFor()
            transport.returncode shouldBe null
            transport.close()
            protocol.lost.await()
            transport.returncode shouldBe 137
        }

        testOnAll("nothing can be sent to a child that is gone") {
            val (transport, protocol) = getRunningLoop().subprocessShell("exit 6") { Recorder() }
            protocol.lost.await()
            transport.returncode shouldBe 6
            transport.isClosing shouldBe false
            shouldThrow<ProcessLookupException> { transport.sendSignal("TERM") }.message shouldContain "has ended with 6"
            shouldThrow<ProcessLookupException> { transport.terminate() }
            shouldThrow<ProcessLookupException> { transport.kill() }
            transport.close()
        }

        testOnAll("its text says how it is") {
            val (transport, protocol) =
                getRunningLoop().subprocessExec(
                    "sleep",
                    "3600",
                    stdin = null,
                    stdout = null,
                    stderr = null,
                ) { Recorder() }
            transport.toString() shouldBe "<ChildTransport pid=${transport.pid} running>"
            transport.kill()
            protocol.lost.await()
            transport.toString() shouldBe "<ChildTransport pid=${transport.pid} returncode=-9>"
            val (cat) = getRunningLoop().subprocessExec("cat", stdout = null, stderr = null) { Recorder() }
            cat.toString() shouldMatch "<ChildTransport pid=\\d+ running stdin=<WritePipe .*>>"
            cat.close()
        }

        testOnAll("the creation may be cancelled, and the child is killed") {
            val loop = getRunningLoop()
            val before = children()
            val creation = createTask { loop.subprocessExec("sleep", "3600") { Recorder() } }
            loop.callSoon { creation.cancel() }
            shouldThrow<CancelledException> { creation.await() }
            (children() - before) shouldBe emptySet()
        }

        testOnAll("the creation of a Process may be cancelled, and the child is killed") {
            val loop = getRunningLoop()
            val before = children()
            val creation = createTask { createSubprocessExec("sleep", "3600", stdin = PIPE, stdout = PIPE, stderr = PIPE) }
            loop.callSoon { creation.cancel() }
            shouldThrow<CancelledException> { creation.await() }
            (children() - before) shouldBe emptySet()
        }

        testOnAll("what a protocol throws is reported, and the child goes on") {
            val loop = getRunningLoop()
            val reports = ArrayList<ExceptionContext>()
            loop.exceptionHandler = ExceptionHandler { _, context -> reports += context }
            val protocol =
                object : SubprocessProtocol {
                    val lost = loop.createFuture<Unit>()

                    override fun pipeDataReceived(
                        fd: Int,
                        data: ByteArray,
                    ): Unit = throw ArithmeticException("in $fd")

                    override fun connectionLost(exception: Throwable?) = lost.setResult(Unit)
                }
            val (transport) = loop.subprocessShell("echo some; sleep 0.05; exit 4") { protocol }
            protocol.lost.await()
            transport.returncode shouldBe 4
            reports.single().exception.shouldBeInstanceOf<ArithmeticException>().message shouldBe "in 1"
        }

        testOnAll("a factory that fails starts nothing") {
            val before = children()
            shouldThrow<ArithmeticException> { getRunningLoop().subprocessExec<Recorder>("sleep", "3600") { throw ArithmeticException() } }
            children() shouldBe before
        }

        // Children of children.

        testOnAll("a child of the child that holds no pipe delays nothing") {
            val child = createSubprocessShell("sleep 3600 >/dev/null 2>&1 & echo \$!", stdout = PIPE)
            val grandchild = child.communicate().stdout.text()!!.trim().toLong()
            child.returncode shouldBe 0
            ProcessHandle.of(grandchild).get().destroyForcibly()
        }

        testOnAll("a wait is over when the child has ended, although a child of the child holds its pipe") {
            val child = createSubprocessShell("sleep 3600 & echo \$!; exec sleep 3600", stdout = PIPE)
            val grandchild = child.stdout!!.readline().text()!!.trim().toLong()
            val waiting = createTask { child.wait() }
            sleep(20.milliseconds)
            child.kill()
            waiting.await() shouldBe -9
            child.wait() shouldBe -9
            ProcessHandle.of(grandchild).get().isAlive shouldBe true
            ProcessHandle.of(grandchild).get().destroyForcibly()
            child.stdout.read().text() shouldBe ""
        }

        test("a protocol is told that the child has ended at once, and of the end of all when the pipes are closed too").config(
            enabled = PathPipe.areAvailable,
        ) {
            Pipes.SELECTED.run {
                val command = "sleep 3600 & exec sleep 3600"
                val (transport, protocol) = getRunningLoop().subprocessShell(command, stdin = DEVNULL, stdout = DEVNULL) { Recorder() }
                val process = transport.getExtraInfo("subprocess") as JavaProcess
                until { process.children().count() > 0 }
                val grandchild = process.children().findFirst().get()
                transport.kill()
                (transport as ChildTransport).wait() shouldBe -9
                protocol.events shouldContainExactly listOf("made")
                sleep(Duration.ZERO)
                protocol.events shouldContainExactly listOf("made", "exited")
                grandchild.destroyForcibly()
                protocol.lost.await()
                protocol.events shouldContainExactly listOf("made", "exited", "2 lost null", "lost null")
            }
        }

        test("output of a child's child comes after the child has ended").config(enabled = PathPipe.areAvailable) {
            Pipes.SELECTED.run {
                val child = createSubprocessShell("(sleep 0.2; echo late) & echo early", stdout = PIPE)
                child.communicate().stdout.text() shouldBe "early\nlate\n"
            }
        }
    })

private fun children(): Set<Long> = ProcessHandle.current().children().map { it.pid() }.toList().toSet()
