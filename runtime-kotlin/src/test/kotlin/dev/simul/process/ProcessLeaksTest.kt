// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.net.openDescriptors
import dev.simul.net.until
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds

/** Descriptors, threads and processes are as before when it is over. */
class ProcessLeaksTest :
    FunSpec({
        fun testOnAll(
            name: String,
            body: suspend () -> Unit,
        ) {
            for (pipes in Pipes.entries) test("$name ($pipes)") { leavingNothing { pipes.run(body) } }
        }

        suspend fun blocked() = createSubprocessExec("sleep", "3600", stdin = PIPE, stdout = PIPE, stderr = PIPE)

        testOnAll("nothing is left of a child that has ended") {
            repeat(5) { createSubprocessExec("cat", stdin = PIPE, stdout = PIPE, stderr = PIPE).communicate(ByteArray(300_000)) }
        }

        testOnAll("nothing is left of a child nobody has waited for") {
            createSubprocessExec("true", stdin = PIPE, stdout = PIPE, stderr = PIPE)
        }

        testOnAll("nothing is left of a child that was killed") {
            blocked().run {
                kill()
                wait()
            }
        }

        testOnAll("nothing is left of a cancelled wait") {
            val child = blocked()
            val waiting = createTask { child.wait() }
            sleep(10.milliseconds)
            waiting.cancel()
            shouldThrow<CancelledException> { waiting.await() }
            child.kill()
            child.wait() shouldBe -9
        }

        testOnAll("nothing is left of a cancelled communicate") {
            val child = blocked()
            val communicating = createTask { child.communicate(ByteArray(1_000_000)) }
            sleep(10.milliseconds)
            communicating.cancel()
            shouldThrow<CancelledException> { communicating.await() }
            child.kill()
            child.wait() shouldBe -9
        }

        testOnAll("a cancelled communicate, a kill and a wait close the pipes, although nobody has read all") {
            val before = openPipes()
            val child = createSubprocessExec("yes", stdin = PIPE, stdout = PIPE, stderr = PIPE, limit = 1_000)
            val communicating = createTask { child.communicate() }
            sleep(10.milliseconds)
            communicating.cancel()
            shouldThrow<CancelledException> { communicating.await() }
            until { child.stdout.toString().endsWith(" paused>") }
            child.kill()
            child.wait() shouldBe -9
            until { openPipes() <= before }
        }

        testOnAll("what a child has left in its pipe is there to read, although its reader was full when it ended") {
            val before = openPipes()
            val child = createSubprocessExec("head", "-c", "50000", "/dev/zero", stdout = PIPE, limit = 10)
            child.wait() shouldBe 0
            until { openPipes() <= before }
            child.stdout!!.read().size shouldBe 50_000
        }

        test("a child of the child that goes on writing does not fill the memory").config(enabled = PathPipe.areAvailable) {
            Pipes.SELECTED.run {
                val child = createSubprocessShell("echo \$\$; yes & exec sleep 3600", stdout = PIPE, limit = 1_000)
                until { child.stdout.toString().endsWith(" paused>") }
                val grandchildren = ProcessHandle.of(child.pid).get().children().toList()
                val full = child.stdout.toString()
                child.kill()
                child.wait() shouldBe -9
                until { child.stdout.toString() != full && child.stdout.toString().endsWith(" paused>") }
                grandchildren.forEach { it.destroyForcibly() }
            }
        }

        testOnAll("nothing is left of a cancelled creation") {
            val creation = createTask { blocked() }
            getRunningLoop().callSoon { creation.cancel() }
            shouldThrow<CancelledException> { creation.await() }
        }

        testOnAll("nothing is left of what could not be started") {
            shouldThrow<IOException> { createSubprocessExec("/no/such/program", stdin = PIPE, stdout = PIPE, stderr = PIPE) }
        }

        testOnAll("a loop that closes kills its children") {
            blocked()
            blocked().stdin!!.write(ByteArray(1_000_000))
            createTask { blocked().communicate(ByteArray(1_000_000)) }
            sleep(10.milliseconds)
        }

        testOnAll("a loop may close while a child is read") {
            val yes = createSubprocessExec("yes", stdout = PIPE)
            yes.stdout!!.readline()
        }

        test("a transport that closes leaves nothing even if a child of the child holds its pipes").config(
            enabled = PathPipe.areAvailable,
        ) {
            val grandchildren = ArrayList<Long>()
            leavingNothing {
                Pipes.SELECTED.run {
                    val (transport) = getRunningLoop().subprocessShell("sleep 3600 & echo; wait") { object : SubprocessProtocol {} }
                    until { transport.children().count() > 0 }
                    grandchildren += transport.children().map { it.pid() }.toList()
                    transport.close()
                    (transport as ChildTransport).wait() shouldBe -9
                }
            }
            grandchildren.forEach { pid -> ProcessHandle.of(pid).ifPresent { it.destroyForcibly() } }
        }

        test("a thread that waits for a child of the child leaves when that ends") {
            leavingNothing {
                Pipes.BLOCKING.run {
                    val (transport) = getRunningLoop().subprocessShell("sleep 3600 & echo; wait") { object : SubprocessProtocol {} }
                    until { transport.children().count() > 0 }
                    val grandchildren = transport.children().toList()
                    transport.close()
                    (transport as ChildTransport).wait() shouldBe -9
                    grandchildren.forEach { it.destroyForcibly() }
                }
            }
        }
    })

private fun openPipes() = openDescriptors().count { it.startsWith("pipe:") }

private fun SubprocessTransport.children() = (getExtraInfo("subprocess") as java.lang.Process).children()
